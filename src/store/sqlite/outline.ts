import type { OutlineRow } from "../../ports/results.ts";
import { keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";

/** An answer that was taken over took no time and cost nothing. */
const PAGE = `
  SELECT jobs.id, jobs.state, results.latency_ms AS latencyMs, results.cost_usd AS costUsd
  FROM jobs LEFT JOIN results ON results.job = jobs.id AND results.answered_by IS NULL
  WHERE jobs.id > @after AND jobs.id <= @last
  ORDER BY jobs.id LIMIT @limit`;

/** Reads jobs without their texts, in input order. */
export class Outline {
  readonly #page;

  constructor(db: Database) {
    this.#page = db.prepare<[{ after: number; last: number; limit: number }], OutlineRow>(PAGE);
  }

  page(run: number, after: number, limit: number): OutlineRow[] {
    const { first, last } = keyRange(run);
    return this.#page.all({ after: Math.max(after, first - 1), last, limit });
  }
}
