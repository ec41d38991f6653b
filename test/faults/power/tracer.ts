import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../../helpers/start-cli.ts";
import { compileLibrary } from "../preload.ts";
import { parseTrace, type TraceEvent } from "./trace.ts";

const SOURCE = join(import.meta.dirname, "trace.c");

/** Records what processes do to the files of a folder. */
export class Tracer {
  readonly #library: string;
  readonly #file: string;

  /** Compiles what is preloaded into `folder`, which must not be one that is traced. */
  constructor(folder: string) {
    this.#library = join(folder, "trace.so");
    this.#file = join(folder, "trace");
    compileLibrary(SOURCE, this.#library);
  }

  /**
   * Traces one process that works in `cwd`.
   * @param start starts it with these variables and waits for its end
   */
  async trace(
    cwd: string,
    start: (env: Record<string, string>) => Promise<Ended>,
  ): Promise<{ ended: Ended; events: TraceEvent[] }> {
    rmSync(this.#file, { force: true });
    const ended = await start({
      LD_PRELOAD: this.#library,
      LLM_BATCH_TRACE_FOLDER: realpathSync(cwd),
      LLM_BATCH_TRACE_FILE: this.#file,
    });
    return { ended, events: parseTrace(readFileSync(this.#file)) };
  }
}
