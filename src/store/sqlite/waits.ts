import type { Database } from "./driver.ts";

const CAP = `
  UPDATE jobs SET available_at = @wallMs + longest.ms
  FROM (
    SELECT waiting.id AS job, max(@longestMs, coalesce((
      SELECT retry_after_ms FROM attempts WHERE attempts.job = waiting.id ORDER BY attempt DESC LIMIT 1
    ), 0)) AS ms
    FROM jobs AS waiting
    WHERE waiting.lane IN (SELECT id FROM lanes WHERE run = @run) AND waiting.state = 'pending'
      AND waiting.available_at > 0 AND waiting.available_at > @wallMs + @longestMs
  ) AS longest
  WHERE jobs.id = longest.job AND jobs.available_at > @wallMs + longest.ms`;

const END = `
  UPDATE jobs SET available_at = @wallMs
  WHERE lane IN (SELECT id FROM lanes WHERE run = @run) AND state = 'pending'
    AND available_at > 0 AND available_at > @wallMs`;

interface Cap {
  run: number;
  longestMs: number;
  wallMs: number;
}

/** The moments up to which jobs wait: on the wall clock, which may be set back while they do. */
export class Waits {
  readonly #cap;
  readonly #end;

  constructor(db: Database) {
    this.#cap = db.prepare<[Cap]>(CAP);
    this.#end = db.prepare<[Omit<Cap, "longestMs">]>(END);
  }

  /** Part of a write. */
  cap(cap: Cap): void {
    this.#cap.run(cap);
  }

  /** Part of a write. */
  end(run: number, wallMs: number): void {
    this.#end.run({ run, wallMs });
  }
}
