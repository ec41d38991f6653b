import type { Place } from "../../domain/duplicate-id.ts";
import type { InputBatch } from "../input-batch.ts";
import { jobsOf, keyOf } from "../keys.ts";
import { COPY_END, COPY_START, CopyWriter } from "./copy-writer.ts";
import { fromKept } from "./kept-text.ts";
import type { Session } from "./session.ts";
import type { Stretch } from "./stretches.ts";

const INPUT_COLUMNS = [
  "id",
  "run",
  "source",
  "line",
  "key",
  "row",
  "characters",
  "input_tokens",
  "output_tokens",
  "request_hash",
];
const JOB_COLUMNS = ["id", "lane", "input", "sample", "state"];
const copyOf = (table: string, columns: readonly string[]): string =>
  `COPY {${table}} (${columns.join(", ")}) FROM STDIN (FORMAT binary)`;
const COPY_INPUTS = copyOf("inputs", INPUT_COLUMNS);
const COPY_JOBS = copyOf("jobs", JOB_COLUMNS);

/** Rows as COPY reads them. */
export function inputPieces({ run, source, firstOrdinal, rows }: InputBatch): Buffer[] {
  const writer = new CopyWriter();
  const first = keyOf(run, firstOrdinal);
  for (const [at, { line, key, row, charge, requestHash, error }] of rows.entries()) {
    writer.row(INPUT_COLUMNS.length);
    writer.bigint(first + at);
    writer.bigint(run);
    writer.integer(source);
    writer.bigint(line);
    if (key === null) writer.null();
    else writer.text(key);
    writer.text(row);
    writer.integer(row.length);
    writeCharge(writer, charge);
    if (error === null && requestHash) writer.bytes(requestHash);
    else writer.null();
  }
  return [...writer.takeAll()];
}

/** Part of a write. */
export function copyInputs(session: Session, pieces: Iterable<Buffer>): Promise<void> {
  return session.copy(COPY_INPUTS, framed(pieces));
}

/** Part of a write: a job for each sample of rows, whose lanes are given by stretch. */
export function copyJobs(
  session: Session,
  stretches: readonly Stretch[],
  lanes: readonly number[],
  samples: number,
): Promise<void> {
  return session.copy(COPY_JOBS, framed(jobPieces(stretches, lanes, samples)));
}

/** The ids that rows were given, each with its place, read from what `inputPieces` made. */
export function* givenIds(pieces: readonly Buffer[]): Generator<Place & { key: string }> {
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at < bytes.length; ) {
    at += 2;
    const fields = INPUT_COLUMNS.map(() => {
      const length = bytes.readInt32BE(at);
      const from = at + 4;
      at = from + Math.max(0, length);
      return length < 0 ? null : bytes.subarray(from, at);
    });
    const [, , source, line, key] = fields;
    if (!key) continue;
    const place = { source: source!.readInt32BE(), line: Number(line!.readBigInt64BE()) };
    yield { key: fromKept(key.toString()), ...place };
  }
}

function writeCharge(writer: CopyWriter, charge: InputBatch["rows"][number]["charge"]): void {
  if (charge === null) {
    writer.null();
    writer.null();
    return;
  }
  writer.bigint(charge.inputTokens);
  writer.bigint(charge.outputTokens);
}

function* jobPieces(
  stretches: readonly Stretch[],
  lanes: readonly number[],
  samples: number,
): Generator<Buffer> {
  const writer = new CopyWriter();
  for (const [at, stretch] of stretches.entries()) {
    let job = jobsOf(stretch, samples).first;
    for (let input = stretch.first; input <= stretch.last; input++) {
      for (let sample = 1; sample <= samples; sample++) {
        writer.row(JOB_COLUMNS.length);
        writer.bigint(job++);
        writer.bigint(lanes[at]!);
        writer.bigint(input);
        writer.integer(sample);
        writer.text("pending");
      }
      yield* writer.takeFull();
    }
  }
  yield* writer.takeAll();
}

function* framed(pieces: Iterable<Buffer>): Generator<Buffer> {
  yield COPY_START;
  yield* pieces;
  yield COPY_END;
}
