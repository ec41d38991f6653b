import { describe, expect, test } from "vitest";
import { Forecast, type ForecastResult } from "../../../src/control/forecast.ts";
import type { Limits } from "../../../src/control/limits.ts";
import { limitsOf } from "../../helpers/limits.ts";

interface Wanted {
  calls: number;
  told?: Partial<Limits>;
  latencyMs?: number;
  inputTokens?: number;
}

function play({ calls, told = {}, latencyMs = 1_000, inputTokens = 10 }: Wanted): ForecastResult {
  const forecast = new Forecast({ limits: limitsOf(told), charging: "used", maxConcurrency: 100, latencyMs });
  for (let call = 0; call < calls; call++) forecast.add({ inputTokens, outputTokens: 0 }, 10);
  return forecast.end();
}

describe("a forecast", () => {
  test("takes as long as the calls in flight need", () => {
    const { calls, durationMs, waits } = play({ calls: 2_500, told: { concurrency: 10 }, latencyMs: 2_000 });
    expect({ calls, durationMs }).toEqual({ calls: 2_500, durationMs: 500_000 });
    expect(waits).toEqual([{ reason: "concurrency", ms: 498_000 }]);
  });

  test("takes as long as the request quota lets it", () => {
    const { durationMs, waits } = play({ calls: 600, told: { requestsPerMinute: 60, concurrency: 10 } });
    expect(durationMs / 60_000).toBeCloseTo(10, 0);
    expect(waits[0]!.reason).toBe("requests");
  });

  test("takes as long as the token quota lets it", () => {
    const { durationMs, waits } = play({
      calls: 600,
      told: { inputTokensPerMinute: 60_000, concurrency: 10 },
      inputTokens: 1_000,
    });
    expect(durationMs / 60_000).toBeCloseTo(10, 0);
    expect(waits[0]!.reason).toBe("inputTokens");
  });

  test("of no calls takes no time", () => {
    expect(play({ calls: 0 })).toEqual({ calls: 0, durationMs: 0, waits: [] });
  });
});
