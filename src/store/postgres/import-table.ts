import type { ImportTable } from "../filled-run.ts";
import type { InputBatch } from "../input-batch.ts";
import { isUniqueViolation } from "./database-error.ts";
import type { GroupCommit } from "./group-commit.ts";
import { duplicateIn, type FilledRows, insertRows, openRun, refuseDefaultIdClash } from "./input-rows.ts";
import type { Ledger } from "./ledger.ts";
import { TELL_NEWS } from "./news.ts";
import { type ReadyRows, readyRows } from "./ready-rows.ts";
import type { RunRemoval } from "./run-removal.ts";

interface ImportParts {
  commits: GroupCommit;
  ledger: Ledger;
  removal: RunRemoval;
}

export function importTable(filled: FilledRows, { commits, ledger, removal }: ImportParts): ImportTable {
  const rows = new IncomingRows(filled, commits, ledger);
  return {
    insert: (batch) => rows.add(batch),
    open: (run, sources, isMixed) =>
      commits.write(
        async (session) => {
          if (isMixed) await refuseDefaultIdClash(session, run);
          await openRun(session, run, sources);
          await session.execute(TELL_NEWS);
        },
        { isLong: true },
      ),
    drop: (run) => removal.drop(run),
  };
}

/** The rows of a run, on their way in: what comes up while a transaction is under way is written by the next one. */
class IncomingRows {
  readonly #run: FilledRows;
  readonly #commits: GroupCommit;
  readonly #ledger: Ledger;
  #waiting: ReadyRows[] = [];
  /** Writes what waits. */
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(run: FilledRows, commits: GroupCommit, ledger: Ledger) {
    this.#run = run;
    this.#commits = commits;
    this.#ledger = ledger;
  }

  /** Resolves when they are written. Once that has failed, no more are. */
  add(batch: InputBatch): Promise<void> {
    this.#waiting.push(readyRows(batch));
    this.#next ??= this.#writeNext();
    return this.#next;
  }

  async #writeNext(): Promise<void> {
    await this.#last;
    this.#last = this.#write(this.#waiting.splice(0));
    this.#next = null;
    await this.#last;
  }

  async #write(rows: readonly ReadyRows[]): Promise<void> {
    const { tallies } = this.#ledger;
    try {
      await this.#commits.write((session) => insertRows(session, this.#run, rows, tallies), { isLong: true });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw await this.#commits.write((session) => duplicateIn(session, this.#run.run, rows));
    }
  }
}
