import type { Row } from "../domain/row.ts";
import type { RowErrorCode } from "../request/row-error.ts";

/** One record of an input, as a reader gives it. */
export interface InputRecord {
  /** 1-based line on which the record starts. */
  line: number;
  /** The row: for JSONL the line as it stands, for CSV a JSON object in the header's order. */
  text: string;
  /** What `text` says, where the reader has the fields anyway. */
  row?: Row;
  /** Set where the reader already knows that the record is bad; then `text` is some JSON that shows it. */
  error: { code: RowErrorCode; message: string } | null;
}
