import { JOB_STATES } from "../../domain/job.ts";
import type { JobCounts, Percentiles, RunFigures } from "../../domain/run.ts";
import { MINUTE_MS } from "./attempt-tally.ts";
import type { Database } from "./driver.ts";
import { percentiles } from "./histogram.ts";
import { type KeyRange, keyRange } from "./keys.ts";

const TALLIES = "SELECT name, value FROM tallies WHERE run = ? AND name NOT LIKE 'minute.%'";
const MINUTE = "SELECT coalesce(sum(value), 0) FROM tallies WHERE run = ? AND name IN (?, ?)";
const IN_DOUBT = `
  SELECT model, sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
  FROM doubts WHERE run = ? AND grp IS NULL GROUP BY model`;
const WORKED_SINCE =
  "SELECT min(started_at) FROM owners WHERE run = ? AND (ended_at IS NULL OR ended_at >= ?)";
const EXAMPLE = `
  SELECT coalesce(inputs.key, 'row-' || (inputs.id & 4294967295))
      || CASE WHEN runs.samples > 1 THEN '#' || jobs.sample ELSE '' END AS id,
    jobs.error_message AS message
  FROM jobs INDEXED BY jobs_failed CROSS JOIN inputs ON inputs.id = jobs.input
    CROSS JOIN runs ON runs.number = inputs.run
  WHERE jobs.state = 'failed' AND jobs.error_code = @code AND jobs.id BETWEEN @first AND @last LIMIT 1`;

type Counters = ReadonlyMap<string, number>;

/** Reads a run's figures from its tallies: as quick for a million rows as for one. */
export class Figures {
  readonly #tallies;
  readonly #minute;
  readonly #inDoubt;
  readonly #workedSince;
  readonly #example;

  constructor(db: Database) {
    this.#tallies = db.prepare<[number], { name: string; value: number }>(TALLIES);
    this.#minute = db.prepare<[number, string, string], number>(MINUTE).pluck();
    this.#inDoubt = db.prepare<[number], RunFigures["in_doubt"][number]>(IN_DOUBT);
    this.#workedSince = db.prepare<[number, number], number | null>(WORKED_SINCE).pluck();
    this.#example = db.prepare<[KeyRange & { code: string }], { id: string; message: string }>(EXAMPLE);
  }

  read(run: number, wallMs: number): RunFigures {
    const counters = new Map(this.#tallies.all(run).map(({ name, value }) => [name, value]));
    const value = (name: string): number => counters.get(name) ?? 0;
    return {
      jobs: jobCounts(value),
      attempts: {
        total: value("attempts.total"),
        succeeded: value("attempts.succeeded"),
        throttled: value("attempts.throttled"),
        retried: value("attempts.retried"),
        in_doubt: value("attempts.in_doubt"),
      },
      in_doubt: this.#inDoubt.all(run),
      shared: { dedupe: value("shared.dedupe"), reuse: value("shared.reuse") },
      tokens: {
        input: value("tokens.input"),
        cached_input: value("tokens.cached_input"),
        output: value("tokens.output"),
      },
      cost: { nano_usd: value("cost.nano_usd"), unknown: value("cost.unknown") },
      latency_ms: spread(counters, "latency."),
      wait_ms: spread(counters, "wait."),
      total_ms: spread(counters, "total."),
      failures: this.#failures(run, counters),
      recent: this.#recent(run, wallMs),
    };
  }

  #failures(run: number, counters: Counters): RunFigures["failures"] {
    return withPrefix(counters, "failure.")
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([code, count]) => ({
        code,
        count,
        example: this.#example.get({ ...keyRange(run), code }) ?? null,
      }));
  }

  /** The minute that is under way and the one before it, but nothing from before anybody worked on the run. */
  #recent(run: number, wallMs: number): RunFigures["recent"] {
    const minute = Math.floor(wallMs / MINUTE_MS);
    const start = (minute - 1) * MINUTE_MS;
    const since = this.#workedSince.get(run, start) ?? start;
    // A start in the future means that the clock was set back.
    const from = since > wallMs ? start : Math.max(start, since);
    const sum = (what: string): number =>
      this.#minute.get(run, `minute.${minute}.${what}`, `minute.${minute - 1}.${what}`) ?? 0;
    return { spanMs: wallMs - from, requests: sum("requests"), tokens: sum("tokens"), done: sum("done") };
  }
}

function jobCounts(value: (name: string) => number): JobCounts {
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, value(`jobs.${state}`)]));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { total, ...counts } as JobCounts;
}

function spread(counters: Counters, prefix: string): Percentiles {
  return percentiles(new Map(withPrefix(counters, prefix).map(([bucket, count]) => [Number(bucket), count])));
}

function withPrefix(counters: Counters, prefix: string): [string, number][] {
  return [...counters]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);
}
