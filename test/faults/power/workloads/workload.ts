import type { Durability } from "../../../../src/ports/store.ts";
import type { Ended } from "../../../helpers/start-cli.ts";
import type { Acknowledged } from "../acknowledged.ts";

/** Work of one process in a folder, whose power is then cut at many moments. */
export interface Workload {
  name: string;
  /** Puts into the folder what is there before the work. */
  stage(cwd: string): Promise<Stage>;
}

export interface Stage {
  /** Row n has the id `q-n`, and its prompt as its answer. */
  prompts: readonly string[];
  /** Ids of rows whose results were recorded before the work. Default: none. */
  recordedBefore?: readonly string[];
  /** The job table's name in the folder. */
  database: string;
  /** Does the work from beginning to end, in a process with these variables. */
  work(durability: Durability, env: Record<string, string>): Promise<Ended>;
  /** Takes note of what the process tells the world. */
  hear(text: string, acknowledged: Acknowledged): void;
  /** Whether this is all that the work has to tell by its end. */
  isAll(acknowledged: Acknowledged): boolean;
  /** Ends the work in the folder as a power cut left it; says what is wrong then. */
  goOn?(acknowledged: Acknowledged): Promise<string[]>;
}
