import type { Place } from "../duplicate-id.ts";
import type { InputBatch } from "../input-batch.ts";
import { jobsOf, keyOf } from "../keys.ts";
import { fromKept, toKept } from "./kept-text.ts";
import type { Stretch } from "./stretches.ts";

export const COPY_INPUTS =
  "COPY {inputs} (id, run, source, line, key, row, characters, input_tokens, output_tokens, request_hash) FROM STDIN";
export const COPY_JOBS = "COPY {jobs} (id, lane, input, sample, state) FROM STDIN";

/** Of a longer text V8 would take it that it is long-lived. */
const PIECE_CHARACTERS = 64 * 1024;
const NULL = "\\N";
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const ESCAPED = Object.fromEntries(Object.entries(ESCAPES).map(([plain, written]) => [written, plain]));

/** Rows as COPY reads them: tabs between, a line each, cut between lines. */
export function inputsText(batch: InputBatch): Generator<Buffer> {
  return inPieces(inputLines(batch));
}

/** The jobs of rows, in the same form. */
export function jobsText(
  stretches: readonly Stretch[],
  lanes: readonly number[],
  samples: number,
): Generator<Buffer> {
  return inPieces(jobLines(stretches, lanes, samples));
}

/** The ids that rows were given, each with its place, read from what `inputsText` made. */
export function* givenIds(pieces: Iterable<Buffer>): Generator<Place & { key: string }> {
  for (const piece of pieces) {
    for (const text of piece.toString().split("\n")) {
      const [, , source, line, key = NULL] = text.split("\t", 5);
      if (key !== NULL) yield { key: unescaped(key), source: Number(source), line: Number(line) };
    }
  }
}

function* inputLines({ run, source, firstOrdinal, rows }: InputBatch): Generator<string> {
  const first = keyOf(run, firstOrdinal);
  for (const [at, { line, key, row, charge, requestHash, error }] of rows.entries()) {
    const hash = error === null && requestHash ? `\\\\x${requestHash.toString("hex")}` : NULL;
    const tokens = charge === null ? `${NULL}\t${NULL}` : `${charge.inputTokens}\t${charge.outputTokens}`;
    yield `${first + at}\t${run}\t${source}\t${line}\t${key === null ? NULL : escaped(key)}\t${escaped(row)}\t${row.length}\t${tokens}\t${hash}\n`;
  }
}

function* jobLines(
  stretches: readonly Stretch[],
  lanes: readonly number[],
  samples: number,
): Generator<string> {
  for (const [at, stretch] of stretches.entries()) {
    let job = jobsOf(stretch, samples).first;
    for (let input = stretch.first; input <= stretch.last; input++) {
      for (let sample = 1; sample <= samples; sample++) {
        yield `${job++}\t${lanes[at]}\t${input}\t${sample}\tpending\n`;
      }
    }
  }
}

function* inPieces(lines: Iterable<string>): Generator<Buffer> {
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

function escaped(given: string): string {
  const text = toKept(given);
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (one) => ESCAPES[one]!) : text;
}

function unescaped(text: string): string {
  return fromKept(text.replace(/\\./g, (written) => ESCAPED[written]!));
}
