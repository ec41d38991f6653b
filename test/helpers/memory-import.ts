import { LlmBatchError } from "../../src/domain/errors.ts";
import type { Run, Source } from "../../src/domain/run.ts";
import type { ImportRow, NewRun, RunImport } from "../../src/ports/import.ts";

/** A job table in memory that only takes imports; ids are unique, as in the real one. */
export class MemoryImport {
  rows: (ImportRow & { source: number })[] = [];
  batches: number[] = [];
  state: "none" | "importing" | "finished" | "discarded" = "none";
  /** What storing a batch waits for. Default: nothing. */
  storing: () => Promise<void> = async () => {};

  async beginImport(newRun: NewRun): Promise<RunImport> {
    this.state = "importing";
    return {
      append: async (source, rows) => {
        await this.storing();
        this.#append(source, rows);
      },
      finish: async (sources) => this.#finish(newRun, sources),
      discard: async () => {
        this.rows = [];
        this.state = "discarded";
      },
    };
  }

  #append(source: number, rows: readonly ImportRow[]): void {
    this.batches.push(rows.length);
    for (const row of rows) {
      const earlier = row.key !== null && this.rows.find(({ key }) => key === row.key);
      if (earlier) {
        const message = `the id "${row.key}" stands on line ${earlier.line} and on line ${row.line}`;
        throw new LlmBatchError({ code: "DUPLICATE_ID", message, hint: "make the ids unique" });
      }
      this.rows.push({ ...row, source });
    }
  }

  #finish(newRun: NewRun, sources: readonly Source[]): Run {
    this.state = "finished";
    return {
      ...newRun,
      id: "r_test0001",
      state: "open",
      sources,
      written: null,
      createdAt: 0,
      finishedAt: null,
    };
  }
}
