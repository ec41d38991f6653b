import { expect, test } from "vitest";
import { Quota, type QuotaLimits } from "../../../../src/simulator/limits/quota.ts";

const NO_LIMITS: QuotaLimits = { rpm: null, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null };
const SLIDING = { kind: "sliding", spanMs: 60_000 } as const;

const quota = (limits: Partial<QuotaLimits>) => new Quota({ ...NO_LIMITS, ...limits }, SLIDING, 0);
const charge = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens });

test("without limits everything passes", () => {
  expect(quota({}).take(charge(1e9, 1e9), 0)).toEqual({ ok: true });
  expect(quota({}).state(0)).toEqual([]);
});

test("a refused call is charged to none of the limits", () => {
  const both = quota({ rpm: 10, tpm: 100 });
  expect(both.take(charge(90, 0), 0).ok).toBe(true);
  expect(both.take(charge(20, 0), 1).ok).toBe(false);
  expect(both.state(1).map(({ name, remaining }) => [name, remaining])).toEqual([
    ["rpm", 9],
    ["tpm", 10],
  ]);
});

test("each limit is charged what it counts", () => {
  const all = quota({ rpm: 100, tpm: 100, itpm: 100, otpm: 100, rpd: 100, tpd: 100 });
  all.take(charge(7, 30), 0);
  const used = Object.fromEntries(all.state(0).map(({ name, remaining }) => [name, 100 - remaining]));
  expect(used).toEqual({ rpm: 1, tpm: 37, itpm: 7, otpm: 30, rpd: 1, tpd: 37 });
});

test("the wait is that of the slowest limit, and names it", () => {
  const daily = quota({ rpm: 1, rpd: 1 });
  daily.take(charge(1, 1), 0);
  expect(daily.take(charge(1, 1), 1_000)).toEqual({
    ok: false,
    retryAfterMs: 86_399_000,
    refusal: { name: "rpd", dimension: "requests", perMs: 86_400_000, limit: 1, remaining: 0, cost: 1 },
  });
});

test("a new limit keeps what was used, a new form of windows forgets it", () => {
  const changing = quota({ rpm: 10 });
  changing.take(charge(1, 1), 0);
  changing.configure({ ...NO_LIMITS, rpm: 5 }, SLIDING, 0);
  expect(changing.state(0)[0]!.remaining).toBe(4);
  changing.configure({ ...NO_LIMITS, rpm: 5 }, { kind: "fixed", spanMs: 60_000 }, 0);
  expect(changing.state(0)[0]!.remaining).toBe(5);
  changing.configure(NO_LIMITS, SLIDING, 0);
  expect(changing.state(0)).toEqual([]);
});
