import type { Run, Source } from "../domain/run.ts";
import type { ImportRow, NewRun, RunImport } from "../ports/import.ts";
import type { InputBatch } from "./input-batch.ts";

/** A run that is `importing`. */
export interface ImportTarget {
  number: number;
  id: string;
  createdAt: number;
}

/** Where the rows of a run go. */
export interface ImportTable {
  /** In one transaction. */
  insert(batch: InputBatch): Promise<void>;
  /**
   * Makes the run `open`.
   * @param isMixed some rows have an id of their own and others don't: these may clash
   */
  open(run: number, sources: readonly Source[], isMixed: boolean): Promise<void>;
  drop(run: number): Promise<void>;
}

/** A run being filled. */
export class FilledRun implements RunImport {
  readonly #target: ImportTarget;
  readonly #run: NewRun;
  readonly #table: ImportTable;
  #rows = 0;
  #defaultIds = 0;

  constructor(target: ImportTarget, run: NewRun, table: ImportTable) {
    this.#target = target;
    this.#run = run;
    this.#table = table;
  }

  /** Not async: that would hold the rows until they are stored, whatever the table has made of them by then. */
  append(source: number, rows: readonly ImportRow[]): Promise<void> {
    const { sharing, request } = this.#run;
    const firstOrdinal = this.#rows + 1;
    this.#rows += rows.length;
    for (const { key } of rows) if (key === null) this.#defaultIds += 1;
    const run = this.#target.number;
    return this.#table.insert({ run, samples: request.samples, sharing, source, firstOrdinal, rows });
  }

  async finish(sources: readonly Source[]): Promise<Run> {
    const { number, id, createdAt } = this.#target;
    await this.#table.open(number, sources, this.#defaultIds > 0 && this.#defaultIds < this.#rows);
    const { sharing: _, mayRepeat: __, ...run } = this.#run;
    return { ...run, id, createdAt, sources, state: "open", written: null, finishedAt: null };
  }

  async discard(): Promise<void> {
    await this.#table.drop(this.#target.number);
  }
}
