import type { Source } from "../../domain/run.ts";
import { duplicateId, type Place } from "../duplicate-id.ts";
import type { InputBatch } from "../input-batch.ts";
import { keyOf, keyRange } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import { toKept } from "./kept-text.ts";
import { findOrCreateLanes, type LaneKey } from "./lanes.ts";
import type { Session } from "./session.ts";
import { shareAnswers } from "./shared-answers.ts";
import { statement } from "./statement.ts";

const COPY_INPUTS =
  "COPY {inputs} (id, run, source, line, key, row, characters, input_tokens, output_tokens, request_hash) FROM STDIN";
const INSERT_JOBS = statement<{ firsts: number[]; lasts: number[]; lanes: number[]; samples: number }>(`
  INSERT INTO {jobs} (id, lane, input, sample, state)
  SELECT ((input >> 32 << 32) + ((input & 4294967295) - 1) * @samples::bigint + sample), lane, input, sample, 'pending'
  FROM unnest(@firsts::bigint[], @lasts::bigint[], @lanes::bigint[]) AS stretch (first, last, lane)
    CROSS JOIN generate_series(first, last) AS input CROSS JOIN generate_series(1, @samples::integer) AS sample`);
const INSERT_FAILED = statement<{ inputs: number[]; codes: string[]; messages: string[]; samples: number }>(`
  INSERT INTO {jobs} (id, lane, input, sample, state, error_code, error_message)
  SELECT ((input >> 32 << 32) + ((input & 4294967295) - 1) * @samples::bigint + sample), NULL, input, sample, 'failed',
    code, message
  FROM unnest(@inputs::bigint[], @codes::text[], @messages::text[]) AS bad (input, code, message)
    CROSS JOIN generate_series(1, @samples::integer) AS sample`);
const FIND_KEYS = statement<{ run: number; keys: string[]; before: number }, Place & { key: string }>(
  "SELECT key, source, line FROM {inputs} WHERE run = @run AND key = ANY(@keys::text[]) AND id < @before",
);
const DEFAULT_ID_CLASH = statement<{ run: number; first: number }, ClashRow>(`
  SELECT given.key, given.source, given.line, plain.source AS "otherSource", plain.line AS "otherLine"
  FROM {inputs} AS given JOIN {inputs} AS plain ON plain.id = CASE WHEN given.key ~ '^row-[1-9][0-9]{0,9}$'
    THEN @first::bigint - 1 + substr(given.key, 5)::bigint END
  WHERE given.run = @run AND given.key LIKE 'row-%' AND plain.run = @run AND plain.key IS NULL
  LIMIT 1`);
const OPEN = statement<{ path: string | null; sources: string; run: number }>(
  "UPDATE {runs} SET state = 'open', path = @path, sources = @sources WHERE number = @run",
);
/** Of the columns that rows are looked for by: the texts would take most of the time. */
const ANALYZE =
  "ANALYZE {jobs} (id, lane, input, state, available_at, owner), {inputs} (id, run, request_hash)";

type ClashRow = Place & { key: string; otherSource: number; otherLine: number };

interface Stretch {
  first: number;
  last: number;
  lane: LaneKey;
}

/** Reads rows in, with a job for each sample; part of a write. */
export async function insertRows(session: Session, batch: InputBatch, tallies: TallySum): Promise<void> {
  await session.copy(COPY_INPUTS, copyText(batch));
  await insertJobs(session, batch, tallies);
  await insertFailed(session, batch, tallies);
  await shareAnswers(session, batch, tallies);
}

/** @throws LlmBatchError DUPLICATE_ID where a given id such as `row-7` is also that of a row without one. */
export async function refuseDefaultIdClash(session: Session, run: number): Promise<void> {
  const clash = await session.first(DEFAULT_ID_CLASH, { run, first: keyRange(run).first });
  if (clash === undefined) return;
  const { key, source, line, otherSource, otherLine } = clash;
  const places = [
    { source, line },
    { source: otherSource, line: otherLine },
  ].sort((a, b) => a.source - b.source || a.line - b.line);
  throw duplicateId(key, places[0]!, places[1]!);
}

/** Part of a write. The planner learns of the new rows with it: else its first plans would be made for empty tables. */
export async function openRun(session: Session, run: number, sources: readonly Source[]): Promise<void> {
  await session.run(OPEN, { path: sources[0]?.path ?? null, sources: JSON.stringify(sources), run });
  await session.execute(ANALYZE);
}

/** Names the two places of the first id that is used twice: here, or here and in an earlier batch. */
export async function duplicateIn(session: Session, batch: InputBatch): Promise<Error> {
  const { run, source, firstOrdinal, rows } = batch;
  const keys = rows.flatMap(({ key }) => key ?? []);
  const before = await session.all(FIND_KEYS, { run, keys, before: keyOf(run, firstOrdinal) });
  const seen = new Map<string, Place>(before.map(({ key, ...place }) => [key, place]));
  for (const { key, line } of rows) {
    if (key === null) continue;
    const earlier = seen.get(key);
    if (earlier !== undefined) return duplicateId(key, earlier, { source, line });
    seen.set(key, { source, line });
  }
  return new Error("a unique id was refused, and no id is used twice");
}

async function insertJobs(session: Session, batch: InputBatch, tallies: TallySum): Promise<void> {
  const { run, samples } = batch;
  const stretches = stretchesOf(batch);
  if (stretches.length === 0) return;
  const lanes = await lanesOf(session, run, stretches);
  await session.run(INSERT_JOBS, {
    firsts: stretches.map(({ first }) => first),
    lasts: stretches.map(({ last }) => last),
    lanes,
    samples,
  });
  const rows = stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  tallies.add(run, "jobs.pending", rows * samples);
}

async function insertFailed(session: Session, batch: InputBatch, tallies: TallySum): Promise<void> {
  const { run, samples, firstOrdinal, rows } = batch;
  if (rows.every(({ error }) => error === null)) return;
  const bad = rows.flatMap(({ error }, at) =>
    error ? [{ input: keyOf(run, firstOrdinal + at), ...error }] : [],
  );
  await session.run(INSERT_FAILED, {
    inputs: bad.map(({ input }) => input),
    codes: bad.map(({ code }) => code),
    messages: bad.map(({ message }) => message),
    samples,
  });
  tallies.add(run, "jobs.failed", bad.length * samples);
  for (const { code } of bad) tallies.add(run, `failure.${code}`, samples);
}

/** Valid rows of the same model and group that follow each other. */
function stretchesOf({ run, firstOrdinal, rows }: InputBatch): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [at, { model, group, error }] of rows.entries()) {
    if (error !== null) continue;
    const key = keyOf(run, firstOrdinal + at);
    const open = stretches.at(-1);
    if (open && open.last === key - 1 && open.lane.model === model && open.lane.group === group)
      open.last = key;
    else stretches.push({ first: key, last: key, lane: { model, stage: 0, group } });
  }
  return stretches;
}

/** The lane of each stretch; each is looked up once. */
async function lanesOf(session: Session, run: number, stretches: readonly Stretch[]): Promise<number[]> {
  const nameOf = ({ lane }: Stretch): string => JSON.stringify([lane.model, lane.group]);
  const keys = new Map(stretches.map((stretch) => [nameOf(stretch), stretch.lane]));
  const ids = await findOrCreateLanes(session, run, [...keys.values()]);
  const byName = new Map([...keys.keys()].map((name, at) => [name, ids[at]!]));
  return stretches.map((stretch) => byName.get(nameOf(stretch))!);
}

/** Rows as COPY reads them: tabs between, a line each. */
function copyText({ run, source, firstOrdinal, rows }: InputBatch): Buffer {
  const first = keyOf(run, firstOrdinal);
  let text = "";
  for (const [at, { line, key, row, charge, requestHash, error }] of rows.entries()) {
    const hash = error === null && requestHash ? `\\\\x${requestHash.toString("hex")}` : "\\N";
    const tokens = charge === null ? "\\N\t\\N" : `${charge.inputTokens}\t${charge.outputTokens}`;
    text += `${first + at}\t${run}\t${source}\t${line}\t${key === null ? "\\N" : escaped(key)}\t${escaped(row)}\t${row.length}\t${tokens}\t${hash}\n`;
  }
  return Buffer.from(text);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(given: string): string {
  const text = toKept(given);
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (one) => ESCAPES[one]!) : text;
}
