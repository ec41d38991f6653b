import type { Run, Source } from "../../domain/run.ts";
import type { ImportRow, NewRun, RunImport } from "../../ports/store.ts";
import type { InputBatch } from "../input-batch.ts";
import { isUniqueViolation } from "./database-error.ts";
import type { GroupCommit } from "./group-commit.ts";
import { duplicateIn, insertRows, openRun, refuseDefaultIdClash } from "./input-rows.ts";
import type { Ledger } from "./ledger.ts";
import { TELL_NEWS } from "./news.ts";
import type { RunRemoval } from "./run-removal.ts";

interface ImportTarget {
  number: number;
  id: string;
  createdAt: number;
}

interface ImportParts {
  commits: GroupCommit;
  ledger: Ledger;
  removal: RunRemoval;
}

/** A run being filled. */
export class PostgresRunImport implements RunImport {
  readonly #target: ImportTarget;
  readonly #run: NewRun;
  readonly #parts: ImportParts;
  #rows = 0;
  #defaultIds = 0;

  constructor(target: ImportTarget, run: NewRun, parts: ImportParts) {
    this.#target = target;
    this.#run = run;
    this.#parts = parts;
  }

  async append(source: number, rows: readonly ImportRow[]): Promise<void> {
    const { sharing, request } = this.#run;
    const firstOrdinal = this.#rows + 1;
    this.#rows += rows.length;
    for (const { key } of rows) if (key === null) this.#defaultIds += 1;
    const batch = { run: this.#target.number, samples: request.samples, sharing, source, firstOrdinal, rows };
    await this.#insert(batch);
  }

  async finish(sources: readonly Source[]): Promise<Run> {
    const { commits } = this.#parts;
    const { number, id, createdAt } = this.#target;
    await commits.write(
      async (session) => {
        if (this.#defaultIds > 0 && this.#defaultIds < this.#rows)
          await refuseDefaultIdClash(session, number);
        await openRun(session, number, sources);
        await session.execute(TELL_NEWS);
      },
      { isLong: true },
    );
    const { sharing: _, ...run } = this.#run;
    return { ...run, id, createdAt, sources, state: "open", written: null, finishedAt: null };
  }

  async discard(): Promise<void> {
    await this.#parts.removal.drop(this.#target.number);
  }

  async #insert(batch: InputBatch): Promise<void> {
    const { commits, ledger } = this.#parts;
    try {
      await commits.write((session) => insertRows(session, batch, ledger.tallies), { isLong: true });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw await commits.write((session) => duplicateIn(session, batch));
    }
  }
}
