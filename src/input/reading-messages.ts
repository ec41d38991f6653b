import { LlmBatchError } from "../domain/errors.ts";
import type { ReadInputs } from "./input-reader.ts";
import type { PackedRows } from "./packed-rows.ts";

/** What the reading thread sends, in the order in which it comes up. `rows` and `stored` are answered in that order. */
export type Told =
  | { type: "model"; model: string | null }
  /** Answered when more may be read. */
  | { type: "rows"; packed: PackedRows; bytes: number }
  /** Answered when everything is stored. */
  | { type: "stored" }
  | { type: "end"; read: ReadInputs }
  | { type: "failed"; error: PackedError };

/** An error between threads, which copy its message and stack and nothing else. */
export interface PackedError {
  error: unknown;
  code: unknown;
  /** Of an LlmBatchError; null for any other error. */
  known: Pick<LlmBatchError, "hint" | "exitCode"> | null;
}

export function packError(error: unknown): PackedError {
  const { code } = (error ?? {}) as { code?: unknown };
  if (!(error instanceof LlmBatchError)) return { error, code, known: null };
  const { hint, exitCode } = error;
  return { error, code, known: { hint, exitCode } };
}

export function unpackError({ error, code, known }: PackedError): unknown {
  if (!(error instanceof Error)) return error;
  if (known === null) return code === undefined ? error : Object.assign(error, { code });
  return new LlmBatchError({ ...known, code: String(code), message: error.message, cause: error.cause });
}
