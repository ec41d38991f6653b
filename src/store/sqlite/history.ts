import { FINEST_MS, type HistorySpan, SPANS_OF_A_LENGTH } from "../../domain/history.ts";
import { addedTo, KEPT_SPANS, keptFrom, pairsOf, type SpanRow, spanOf } from "../history-spans.ts";
import type { Database } from "./driver.ts";

const ALL = "SELECT at, length_ms, span FROM history WHERE run = ? ORDER BY at, length_ms";
const ONE = "SELECT at, length_ms, span FROM history WHERE run = ? AND length_ms = ? AND at = ?";
const SAVE = `
  INSERT INTO history (run, length_ms, at, span) VALUES (?, ?, ?, ?)
  ON CONFLICT (run, length_ms, at) DO UPDATE SET span = excluded.span`;
const COUNT = "SELECT count(*) FROM history WHERE run = ? AND length_ms = ?";
const NEWEST = "SELECT at FROM history WHERE run = ? AND length_ms = ? ORDER BY at DESC LIMIT 1 OFFSET ?";
const FORGET = `
  DELETE FROM history WHERE run = ? AND length_ms = ? AND at < ? RETURNING at, length_ms, span`;

/** What happened to runs over time, coarser with age. */
export class History {
  readonly #all;
  readonly #one;
  readonly #save;
  readonly #count;
  readonly #newest;
  readonly #forget;

  constructor(db: Database) {
    this.#all = db.prepare<[number], SpanRow>(ALL);
    this.#one = db.prepare<[number, number, number], SpanRow>(ONE);
    this.#save = db.prepare<[number, number, number, string]>(SAVE);
    this.#count = db.prepare<[number, number], number>(COUNT).pluck();
    this.#newest = db.prepare<[number, number, number], number>(NEWEST).pluck();
    this.#forget = db.prepare<[number, number, number], SpanRow>(FORGET);
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
    this.#save.run(run, lengthMs, at, addedTo(before, span));
  }

  /** Joins the older half of the spans of a length. */
  #coarsen(run: number, lengthMs: number): void {
    const newest = this.#newest.get(run, lengthMs, KEPT_SPANS)!;
    const older = this.#forget.all(run, lengthMs, keptFrom(newest, lengthMs));
    for (const span of pairsOf(older)) this.#addOne(run, span);
  }
}
