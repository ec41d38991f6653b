import { LlmBatchError } from "../domain/errors.ts";
import type { Recovered } from "../ports/store.ts";
import type { Spool, Unwritten } from "./spool.ts";

export const NOTHING_RECOVERED: Recovered = { recorded: 0, late: 0 };

interface RecoveryParts {
  spool: Spool;
  /** In one transaction. Doing it again changes nothing. */
  write(unwritten: readonly Unwritten[]): Promise<Recovered>;
  tell(text: string): void;
}

/** Writes what processes on this machine had to spool. */
export class Recovery {
  readonly #parts: RecoveryParts;
  /** Since it was asked for last. */
  #recovered = NOTHING_RECOVERED;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** A file goes only after its commit: what is written again, because a process died in between, changes nothing. */
  async recover(): Promise<void> {
    const { spool, write, tell } = this.#parts;
    let found = NOTHING_RECOVERED;
    for (const file of spool.files()) {
      const unwritten = this.#read(file);
      if (unwritten === null) continue;
      const recovered = await write(unwritten);
      spool.remove(file);
      found = sumOf(found, recovered);
    }
    if (found.recorded + found.late > 0) tell(textOf(found));
    this.#recovered = sumOf(this.#recovered, found);
  }

  /** The same for who only opens the job table: what can't be written yet keeps nobody from other work. */
  async tryToRecover(): Promise<void> {
    try {
      await this.recover();
    } catch (error) {
      if (!(error instanceof LlmBatchError)) throw error;
    }
  }

  /** What was recorded since this was asked last. */
  take(): Recovered {
    const recovered = this.#recovered;
    this.#recovered = NOTHING_RECOVERED;
    return recovered;
  }

  #read(file: string): Unwritten[] | null {
    const { spool, tell } = this.#parts;
    try {
      return spool.read(file);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      tell(`${spool.setAside(file)} is damaged: what it held is not recorded, and its calls are sent again`);
      return null;
    }
  }
}

function sumOf(one: Recovered, other: Recovered): Recovered {
  return { recorded: one.recorded + other.recorded, late: one.late + other.late };
}

function textOf({ recorded, late }: Recovered): string {
  const answers = recorded === 1 ? "1 answer" : `${recorded} answers`;
  const others = late > 0 ? `, ${late} came too late for their rows and are kept with their attempts` : "";
  return `${answers} recorded that a process here couldn't record before it ended${others}`;
}
