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
  /** What was recorded since `take` was called last. */
  #recovered = NOTHING_RECOVERED;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** A file goes only after its commit: what is written again, because a process died in between, changes nothing. */
  async recover(): Promise<void> {
    const { spool, tell } = this.#parts;
    let found = NOTHING_RECOVERED;
    for (const file of spool.files()) found = sumOf(found, await this.#recoverFrom(file));
    if (found.recorded + found.late > 0) tell(textOf(found));
    this.#recovered = sumOf(this.#recovered, found);
  }

  /** As `recover`, for commands that only open the job table: what can't be recorded yet keeps them from nothing. */
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

  /** A file that can't be read, or whose content is refused, must not stand in the way of every command from now on. */
  async #recoverFrom(file: string): Promise<Recovered> {
    const { spool, write, tell } = this.#parts;
    try {
      const unwritten = spool.read(file);
      if (unwritten === null) return NOTHING_RECOVERED;
      const recovered = await write(unwritten);
      spool.remove(file);
      return recovered;
    } catch (error) {
      if (error instanceof LlmBatchError) throw error;
      const aside = spool.setAside(file);
      if (aside !== null) {
        tell(
          `${aside}: what it holds can't be recorded, and its calls are sent again: ${(error as Error).message}`,
        );
      }
      return NOTHING_RECOVERED;
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
