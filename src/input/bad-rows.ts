import { LlmBatchError } from "../domain/errors.ts";
import type { ImportRow } from "../ports/import.ts";
import type { RowErrorCode } from "../request/row-error.ts";
import { ROW_ERRORS } from "./row-errors.ts";

const MOST_LISTED = 20;

/** Counts an import's bad rows, and keeps the first of them for the message. */
export class BadRows {
  #listed: string[] = [];
  #remedies = new Set<string>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(path: string, { line, error }: ImportRow): void {
    this.#count++;
    if (error === null || this.#listed.length >= MOST_LISTED) return;
    this.#listed.push(`${path}:${line} ${error.code} ${error.message}`);
    this.#remedies.add(ROW_ERRORS[error.code as RowErrorCode].remedy);
    if (path === "-" && error.code === "BAD_JSON")
      this.#remedies.add("standard input is taken as JSONL unless there is --format csv or tsv");
  }

  /** The refusal of the whole input. `rows` counts the good ones as well. */
  toError(rows: number): LlmBatchError {
    const more = this.#count > this.#listed.length ? [`and ${this.#count - this.#listed.length} more`] : [];
    const head = `${this.#count} of ${rows} rows can't be sent, so nothing was`;
    return new LlmBatchError({
      code: "INVALID_ROWS",
      message: [head, ...[...this.#listed, ...more].map((line) => `  ${line}`)].join("\n"),
      hint: `${[...this.#remedies].join("; ")}; or let them fail with --skip-invalid`,
    });
  }
}
