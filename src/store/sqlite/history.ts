import {
  coarsened,
  FINEST_MS,
  type HistorySpan,
  joined,
  readSpan,
  SPANS_OF_A_LENGTH,
  spanStart,
  spanText,
} from "../../domain/history.ts";
import type { Database } from "./driver.ts";

interface SpanRow {
  at: number;
  length_ms: number;
  span: string;
}

const ALL = "SELECT at, length_ms, span FROM history WHERE run = ? ORDER BY at, length_ms";
const ONE = "SELECT at, length_ms, span FROM history WHERE run = ? AND length_ms = ? AND at = ?";
const SAVE = `
  INSERT INTO history (run, length_ms, at, span) VALUES (?, ?, ?, ?)
  ON CONFLICT (run, length_ms, at) DO UPDATE SET span = excluded.span`;
const COUNT = "SELECT count(*) FROM history WHERE run = ? AND length_ms = ?";
const NEWEST = "SELECT at FROM history WHERE run = ? AND length_ms = ? ORDER BY at DESC LIMIT 1 OFFSET ?";
const OLDER =
  "SELECT at, length_ms, span FROM history WHERE run = ? AND length_ms = ? AND at < ? ORDER BY at";
const FORGET = "DELETE FROM history WHERE run = ? AND length_ms = ? AND at < ?";

/** What happened to runs over time, coarser with age. */
export class History {
  readonly #all;
  readonly #one;
  readonly #save;
  readonly #count;
  readonly #newest;
  readonly #older;
  readonly #forget;

  constructor(db: Database) {
    this.#all = db.prepare<[number], SpanRow>(ALL);
    this.#one = db.prepare<[number, number, number], SpanRow>(ONE);
    this.#save = db.prepare<[number, number, number, string]>(SAVE);
    this.#count = db.prepare<[number, number], number>(COUNT).pluck();
    this.#newest = db.prepare<[number, number, number], number>(NEWEST).pluck();
    this.#older = db.prepare<[number, number, number], SpanRow>(OLDER);
    this.#forget = db.prepare<[number, number, number]>(FORGET);
  }

  read(run: number): HistorySpan[] {
    return this.#all.all(run).map(spanOf);
  }

  /** Part of a write. */
  add(run: number, spans: readonly HistorySpan[]): void {
    for (const span of spans) this.#addOne(run, span);
    let lengthMs = FINEST_MS;
    while (this.#count.get(run, lengthMs)! > SPANS_OF_A_LENGTH) {
      this.#coarsen(run, lengthMs);
      lengthMs *= 2;
    }
  }

  #addOne(run: number, span: HistorySpan): void {
    const { at, lengthMs } = span;
    const before = this.#one.get(run, lengthMs, at);
    this.#save.run(run, lengthMs, at, spanText(before ? joined(spanOf(before), span) : span));
  }

  /** Joins the older half of the spans of a length, and no half of a pair. */
  #coarsen(run: number, lengthMs: number): void {
    const middle = this.#newest.get(run, lengthMs, SPANS_OF_A_LENGTH / 2)!;
    const before = spanStart(middle, lengthMs * 2);
    const older = this.#older.all(run, lengthMs, before).map(spanOf);
    this.#forget.run(run, lengthMs, before);
    for (const span of coarsened(older)) this.#addOne(run, span);
  }
}

function spanOf({ at, length_ms, span }: SpanRow): HistorySpan {
  return readSpan(at, length_ms, span);
}
