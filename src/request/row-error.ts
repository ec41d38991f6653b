/** Why a row is not sent. What each means and what mends it stands in `src/input/row-errors.ts`. */
export type RowErrorCode =
  | "BAD_JSON"
  | "NOT_AN_OBJECT"
  | "MISSING_FIELD"
  | "WRAPPED_ROWS"
  | "MISSING_MODEL"
  | "MODEL_NOT_SERVED"
  | "BAD_FIELD_TYPE"
  | "BAD_JSON_FIELD"
  | "AMBIGUOUS_ROW"
  | "UNKNOWN_FIELD"
  | "UNSUPPORTED_ROW"
  | "NO_EQUIVALENT"
  | "MIXED_FORMS"
  | "BAD_BATCH_LINE"
  | "UNKNOWN_URL"
  | "STREAMED_ANSWER"
  | "BAD_ID"
  | "BAD_GROUP"
  | "EMPTY_ROW"
  | "RAGGED_ROW"
  | "BAD_ENCODING"
  | "LINE_TOO_LONG"
  | "ROW_TOO_LARGE";

/** A row that can't be sent. The message says what is wrong in the row; whoever catches it knows file and line. */
export class RowError extends Error {
  readonly code: RowErrorCode;

  constructor(code: RowErrorCode, message: string) {
    super(message);
    this.name = "RowError";
    this.code = code;
  }
}
