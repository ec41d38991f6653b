import { FINEST_MS, type HistorySpan, SPANS_OF_A_LENGTH } from "../../domain/history.ts";
import { addedTo, KEPT_SPANS, keptFrom, pairsOf, type SpanRow, spanOf } from "../history-spans.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

interface Length {
  run: number;
  lengthMs: number;
}

const COLUMNS = "at, length_ms, span";
const ALL = statement<{ run: number }, SpanRow>(
  `SELECT ${COLUMNS} FROM {history} WHERE run = @run ORDER BY at, length_ms`,
);
const ONE = statement<Length & { at: number }, SpanRow>(
  `SELECT ${COLUMNS} FROM {history} WHERE run = @run AND length_ms = @lengthMs AND at = @at`,
);
const SAVE = statement<Length & { at: number; span: string }>(`
  INSERT INTO {history} (run, length_ms, at, span) VALUES (@run, @lengthMs, @at, @span)
  ON CONFLICT (run, length_ms, at) DO UPDATE SET span = excluded.span`);
const COUNT = statement<Length, { count: number }>(
  "SELECT count(*) AS count FROM {history} WHERE run = @run AND length_ms = @lengthMs",
);
const NEWEST = statement<Length & { skipped: number }, { at: number }>(`
  SELECT at FROM {history} WHERE run = @run AND length_ms = @lengthMs ORDER BY at DESC LIMIT 1 OFFSET @skipped`);
const FORGET = statement<Length & { before: number }, SpanRow>(`
  DELETE FROM {history} WHERE run = @run AND length_ms = @lengthMs AND at < @before RETURNING ${COLUMNS}`);
const LOCK = statement<{ run: number }, unknown>(
  "SELECT pg_advisory_xact_lock(hashtextextended('{history}', @run::bigint))",
);

/** What happened to a run over time, coarser with age. */
export async function historyOf(session: Session, run: number): Promise<HistorySpan[]> {
  return (await session.all(ALL, { run })).map(spanOf);
}

/** Part of a write, under a lock held until the commit: every process adds to the same spans. */
export async function addHistory(
  session: Session,
  run: number,
  spans: readonly HistorySpan[],
): Promise<void> {
  await session.all(LOCK, { run });
  for (const span of spans) await addOne(session, run, span);
  let lengthMs = FINEST_MS;
  while ((await session.first(COUNT, { run, lengthMs }))!.count > SPANS_OF_A_LENGTH) {
    await coarsen(session, run, lengthMs);
    lengthMs *= 2;
  }
}

async function addOne(session: Session, run: number, span: HistorySpan): Promise<void> {
  const { at, lengthMs } = span;
  const before = await session.first(ONE, { run, lengthMs, at });
  await session.run(SAVE, { run, lengthMs, at, span: addedTo(before, span) });
}

/** Joins the older half of the spans of a length. */
async function coarsen(session: Session, run: number, lengthMs: number): Promise<void> {
  const { at } = (await session.first(NEWEST, { run, lengthMs, skipped: KEPT_SPANS }))!;
  const older = await session.all(FORGET, { run, lengthMs, before: keptFrom(at, lengthMs) });
  for (const span of pairsOf(older)) await addOne(session, run, span);
}
