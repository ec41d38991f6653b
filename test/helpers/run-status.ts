import type { RunStatus } from "../../src/observe/status.ts";

/** The status of a run of 400 rows that all succeeded. */
export function statusOf(changes: Partial<RunStatus> = {}): RunStatus {
  return {
    run: "r_12345678",
    state: "finished",
    stops: [],
    input: "prompts.jsonl",
    jobs: { total: 400, pending: 0, running: 0, succeeded: 400, failed: 0, cancelled: 0 },
    attempts: { total: 452, succeeded: 396, throttled: 6, retried: 52, in_doubt: 0 },
    in_doubt: [],
    shared: { dedupe: 0, reuse: 0 },
    tokens: { input: 12_000, cached_input: 2_000, output: 4_000 },
    cost_usd: 1.24,
    unpriced: 0,
    cut_off: { tokens: 0, cost_usd: 0 },
    schema: null,
    rate: { requests_per_minute: 132, tokens_per_minute: 4_700, throttle_ratio: 6 / 452 },
    latency_ms: { p50: 1_020, p95: 1_200, p99: 1_900 },
    wait_ms: { p50: 600, p95: 7_200, p99: 19_000 },
    total_ms: { p50: 1_620, p95: 8_400, p99: 20_000 },
    eta_seconds: null,
    breaker: [],
    failures: [],
    ...changes,
  };
}
