import type { Run, Source } from "../../domain/run.ts";
import type { ImportRow, NewRun, RunImport } from "../../ports/store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { InputRows } from "./input-rows.ts";
import type { RunRemoval } from "./run-removal.ts";

interface ImportTarget {
  number: number;
  id: string;
  createdAt: number;
}

interface ImportParts {
  commits: GroupCommit;
  inputs: InputRows;
  removal: RunRemoval;
}

/** A run being filled. */
export class SqliteRunImport implements RunImport {
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
    const { commits, inputs } = this.#parts;
    const { sharing, request } = this.#run;
    const firstOrdinal = this.#rows + 1;
    this.#rows += rows.length;
    for (const { key } of rows) if (key === null) this.#defaultIds += 1;
    const batch = { run: this.#target.number, samples: request.samples, sharing, source, firstOrdinal, rows };
    await commits.write(() => inputs.insert(batch));
  }

  async finish(sources: readonly Source[]): Promise<Run> {
    const { commits, inputs } = this.#parts;
    const { number, id, createdAt } = this.#target;
    await commits.write(() => {
      if (this.#defaultIds > 0 && this.#defaultIds < this.#rows) inputs.refuseDefaultIdClash(number);
      inputs.open(number, sources);
    });
    const { sharing: _, ...run } = this.#run;
    return { ...run, id, createdAt, sources, state: "open", written: null, finishedAt: null };
  }

  async discard(): Promise<void> {
    await this.#parts.removal.drop(this.#target.number);
  }
}
