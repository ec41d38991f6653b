import type { Sight } from "../../src/cli/progress/sight.ts";

/** A run in the middle of its way, 600 requests and 120,000 tokens a minute. */
export function sightOf(changes: Partial<Sight> = {}): Sight {
  return {
    done: 5_200,
    total: 10_000,
    failed: 12,
    left: 4_800,
    etaMs: 200_000,
    requests: { perMinute: 548, limit: 600 },
    tokens: { perMinute: 117_600, limit: 120_000 },
    throttleRatio: 0.002,
    p95Ms: 2_140,
    cost: { usd: 1.24, forecastUsd: 2.38 },
    activity: { text: "waiting 12s: token quota", isHeld: true },
    ...changes,
  };
}
