import { DuplicateId, type Place } from "../../domain/duplicate-id.ts";
import type { Source } from "../../domain/run.ts";
import type { InputBatch } from "../input-batch.ts";
import { keyRange } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import { copyInputs, copyJobs, givenIds } from "./copied-rows.ts";
import { findOrCreateLanes } from "./lanes.ts";
import type { BadRow, ReadyRows } from "./ready-rows.ts";
import type { Session } from "./session.ts";
import { shareAnswers } from "./shared-answers.ts";
import { statement } from "./statement.ts";
import type { Stretch } from "./stretches.ts";

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

/** What is the same for all rows of a run. */
export type FilledRows = Pick<InputBatch, "run" | "samples" | "sharing">;

/** Writes rows that follow each other, with a job for each sample; part of a write. */
export async function insertRows(
  session: Session,
  run: FilledRows,
  rows: readonly ReadyRows[],
  tallies: TallySum,
): Promise<void> {
  await copyInputs(
    session,
    rows.flatMap(({ pieces }) => pieces),
  );
  await insertJobs(
    session,
    run,
    rows.flatMap(({ stretches }) => stretches),
    tallies,
  );
  await insertFailed(
    session,
    run,
    rows.flatMap(({ bad }) => bad),
    tallies,
  );
  await shareAnswers(session, { ...run, first: rows[0]!.first, last: rows.at(-1)!.last }, tallies);
}

/** @throws LlmBatchError DUPLICATE_ID where a given id such as `row-7` is also that of a row without one. */
export async function refuseDefaultIdClash(session: Session, run: number): Promise<void> {
  const clash = await session.first(DEFAULT_ID_CLASH, { run, first: keyRange(run).first });
  if (clash === undefined) return;
  const { key, source, line, otherSource, otherLine } = clash;
  throw new DuplicateId(key, [
    { source, line },
    { source: otherSource, line: otherLine },
  ]);
}

/** Part of a write. The planner learns of the new rows with it: else its first plans would be made for empty tables. */
export async function openRun(session: Session, run: number, sources: readonly Source[]): Promise<void> {
  await session.run(OPEN, { path: sources[0]?.path ?? null, sources: JSON.stringify(sources), run });
  await session.execute(ANALYZE);
}

/** Names the two places of the first id that is used twice: here, or here and in what was written before. */
export async function duplicateIn(session: Session, run: number, rows: readonly ReadyRows[]): Promise<Error> {
  const given = rows.flatMap(({ pieces }) => [...givenIds(pieces)]);
  const keys = given.map(({ key }) => key);
  const before = await session.all(FIND_KEYS, { run, keys, before: rows[0]!.first });
  const seen = new Map<string, Place>();
  for (const { key, ...place } of [...before, ...given]) {
    const earlier = seen.get(key);
    if (earlier !== undefined) return new DuplicateId(key, [earlier, place]);
    seen.set(key, place);
  }
  return new Error("a unique id was refused, and no id is used twice");
}

async function insertJobs(
  session: Session,
  { run, samples }: FilledRows,
  stretches: readonly Stretch[],
  tallies: TallySum,
): Promise<void> {
  if (stretches.length === 0) return;
  const lanes = await lanesOf(session, run, stretches);
  await copyJobs(session, stretches, lanes, samples);
  const rows = stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  tallies.add(run, "jobs.pending", rows * samples);
}

async function insertFailed(
  session: Session,
  { run, samples }: FilledRows,
  bad: readonly BadRow[],
  tallies: TallySum,
): Promise<void> {
  if (bad.length === 0) return;
  await session.run(INSERT_FAILED, {
    inputs: bad.map(({ input }) => input),
    codes: bad.map(({ code }) => code),
    messages: bad.map(({ message }) => message),
    samples,
  });
  tallies.add(run, "jobs.failed", bad.length * samples);
  for (const { code } of bad) tallies.add(run, `failure.${code}`, samples);
}

/** The lane of each stretch; each is looked up once. */
async function lanesOf(session: Session, run: number, stretches: readonly Stretch[]): Promise<number[]> {
  const nameOf = ({ lane }: Stretch): string => JSON.stringify([lane.model, lane.group]);
  const keys = new Map(stretches.map((stretch) => [nameOf(stretch), stretch.lane]));
  const ids = await findOrCreateLanes(session, run, [...keys.values()]);
  const byName = new Map([...keys.keys()].map((name, at) => [name, ids[at]!]));
  return stretches.map((stretch) => byName.get(nameOf(stretch))!);
}
