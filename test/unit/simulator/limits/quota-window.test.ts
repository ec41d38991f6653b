import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QuotaWindow } from "../../../../src/simulator/limits/quota-window.ts";
import { createWindow, type WindowForm } from "../../../../src/simulator/limits/window-form.ts";

const KINDS = ["bucket", "fixed", "sliding"] as const;

function perMinute(kind: WindowForm["kind"], limit: number, spanMs = 60_000): QuotaWindow {
  return createWindow(kind, { limit, perMs: 60_000, spanMs }, 0);
}

/** Takes as many units of one as fit. */
function exhaust(window: QuotaWindow, now: number): number {
  let taken = 0;
  while (window.waitMs(1, now) === 0) {
    window.spend(1, now);
    taken++;
  }
  return taken;
}

describe.each(KINDS)("a %s window", (kind) => {
  test("gives its whole limit at once, and no more", () => {
    expect(exhaust(perMinute(kind, 600), 0)).toBe(600);
  });

  test("gives the share of a shorter span", () => {
    expect(exhaust(perMinute(kind, 600, 10_000), 0)).toBe(100);
  });

  test("never lets a cost above the limit itself pass", () => {
    expect(perMinute(kind, 600).waitMs(601, 0)).toBe(Infinity);
  });

  test("lets a cost above the span's share pass when unused, and makes it pay off at the rate of the limit", () => {
    const window = perMinute(kind, 60, 1_000);
    expect(window.waitMs(30, 0)).toBe(0);
    window.spend(30, 0);
    expect(window.waitMs(1, 0)).toBeCloseTo(30_000, 3);
    expect(window.waitMs(1, 30_000)).toBe(0);
  });

  test("lets whatever costs nothing pass", () => {
    const window = perMinute(kind, 10);
    exhaust(window, 0);
    expect(window.waitMs(0, 0)).toBe(0);
  });

  test("keeps what was used when its limit is changed", () => {
    const window = perMinute(kind, 600);
    for (let i = 0; i < 100; i++) window.spend(1, 0);
    window.setLimit(300, 0);
    expect(window.remaining(0)).toBeCloseTo(200, 6);
    window.setLimit(900, 0);
    expect(window.remaining(0)).toBeCloseTo(800, 6);
  });

  test("says when it is whole again", () => {
    const window = perMinute(kind, 60);
    expect(window.resetMs(5_000)).toBe(0);
    window.spend(6, 5_000);
    const resetMs = window.resetMs(5_000);
    expect(resetMs).toBeCloseTo({ bucket: 6_000, fixed: 55_000, sliding: 60_000 }[kind], 3);
    expect(window.remaining(5_000 + resetMs)).toBeCloseTo(60, 3);
  });

  test("takes a cost at the very moment it named, and not a moment before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.constantFrom(500, 1_000, 10_000, 60_000),
        fc.array(
          fc.record({
            cost: fc.integer({ min: 0, max: 300 }),
            pauseMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
          }),
          { maxLength: 60 },
        ),
        (limit, spanMs, calls) => {
          const window = perMinute(kind, limit, spanMs);
          let now = 0;
          for (const { cost, pauseMs } of calls) {
            now += pauseMs;
            const waitMs = window.waitMs(cost, now);
            expect(waitMs).toBeGreaterThanOrEqual(0);
            if (waitMs === Infinity) {
              expect(cost).toBeGreaterThan(limit);
              continue;
            }
            if (waitMs > 1) expect(window.waitMs(cost, now + waitMs - 1)).toBeGreaterThan(0);
            now += waitMs;
            expect(window.waitMs(cost, now)).toBe(0);
            window.spend(cost, now);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("never gives more than its rate and one share over any time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 2_000 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 3_000 })), {
          maxLength: 100,
        }),
        (limit, calls) => {
          const window = perMinute(kind, limit, 1_000);
          const share = limit / 60;
          let now = 0;
          let taken = 0;
          for (const [cost, pauseMs] of calls) {
            now += pauseMs;
            if (window.waitMs(cost, now) > 0) continue;
            window.spend(cost, now);
            taken += cost;
            // A fixed and a sliding window may give a share at both ends; an oversized cost is paid off later.
            expect(taken).toBeLessThanOrEqual((now * limit) / 60_000 + 2 * share + 20);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("a fixed window gives its limit again when the next one begins", () => {
  const window = perMinute("fixed", 10);
  exhaust(window, 59_000);
  expect(window.waitMs(1, 59_000)).toBe(1_000);
  expect(exhaust(window, 60_000)).toBe(10);
});

test("a sliding window never gives more than its limit in any span", () => {
  const window = perMinute("sliding", 10);
  exhaust(window, 59_000);
  expect(window.waitMs(1, 60_000)).toBe(59_000);
  expect(exhaust(window, 119_000)).toBe(10);
});

test("a bucket gives units back one by one", () => {
  const window = perMinute("bucket", 60);
  exhaust(window, 0);
  expect(window.waitMs(1, 0)).toBeCloseTo(1_000, 3);
  expect(exhaust(window, 5_000)).toBe(5);
});
