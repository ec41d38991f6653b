import type { InputBatch } from "../input-batch.ts";
import { keyOf } from "../keys.ts";
import { inputPieces } from "./copied-rows.ts";
import { type Stretch, stretchesOf } from "./stretches.ts";

/** Rows in the form in which they are written. They wait for their turn as bytes, which V8 needn't look through. */
export interface ReadyRows {
  /** Keys of the first and the last one. */
  first: number;
  last: number;
  /** For COPY. */
  pieces: readonly Buffer[];
  /** Of the valid ones. */
  stretches: readonly Stretch[];
  bad: readonly BadRow[];
}

export interface BadRow {
  input: number;
  code: string;
  message: string;
}

export function readyRows(batch: InputBatch): ReadyRows {
  const { run, firstOrdinal, rows } = batch;
  const first = keyOf(run, firstOrdinal);
  return {
    first,
    last: first + rows.length - 1,
    pieces: inputPieces(batch),
    stretches: stretchesOf(batch),
    bad: rows.flatMap(({ error }, at) => (error === null ? [] : [{ input: first + at, ...error }])),
  };
}
