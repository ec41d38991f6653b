import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dropShare,
  LEASE_MS,
  probeTurn,
  renewShare,
  type Shares,
} from "../../../../src/control/shared/shares.ts";

const SECOND = 1_000;
const sum = (shares: Shares): number => Object.values(shares).reduce((total, { part }) => total + part, 0);

describe("sharing a quota between processes", () => {
  test("one process alone has the whole, whatever it wants", () => {
    expect(renewShare({}, "a", 0.1, 0).a!.part).toBe(1);
  });

  test("a second one waits for the first to let go, and then both have half", () => {
    let shares = renewShare({}, "a", 1, 0);
    shares = renewShare(shares, "b", 1, 100);
    expect(shares.b!.part).toBe(0);
    shares = renewShare(shares, "a", 1, SECOND);
    shares = renewShare(shares, "b", 1, SECOND + 100);
    expect([shares.a!.part, shares.b!.part]).toEqual([0.5, 0.5]);
  });

  test("who needs little leaves the rest to who could use it", () => {
    let shares: Shares = {};
    for (let round = 0; round < 3; round++) {
      shares = renewShare(shares, "busy", 1, round * SECOND);
      shares = renewShare(shares, "slow", 0.1, round * SECOND);
    }
    expect(shares.busy!.part).toBeCloseTo(0.9);
    expect(shares.slow!.part).toBeCloseTo(0.1);
  });

  test("the share of a dead process is free after its lease, that of one that leaves at once", () => {
    let shares = renewShare(renewShare({}, "dead", 1, 0), "b", 1, 100);
    shares = renewShare(shares, "b", 1, LEASE_MS + 1);
    expect(shares).toEqual({ b: { at: LEASE_MS + 1, part: 1, wants: 1 } });
    const left = dropShare(renewShare({}, "a", 1, 0), "a");
    expect(renewShare(left, "b", 1, 1).b!.part).toBe(1);
  });

  test("one of them is to probe, and while one is at it no other is", () => {
    const idle = renewShare(renewShare({}, "a", 1, 0), "b", 1, 0);
    expect(["a", "b"].map((name) => probeTurn(idle, name, 0))).toEqual(["mine", "others"]);
    const probing = renewShare(idle, "b", 1, 0, true);
    expect(["a", "b"].map((name) => probeTurn(probing, name, 0))).toEqual(["taken", "others"]);
    expect(probeTurn(renewShare(probing, "b", 1, SECOND), "a", SECOND)).toBe("mine");
    expect(probeTurn(probing, "a", LEASE_MS + 1)).toBe("mine");
  });

  test("whatever happens in whatever order, no more than the whole is given out", () => {
    const step = fc.record({
      holder: fc.constantFrom("a", "b", "c", "d"),
      wants: fc.double({ min: 0, max: 1, noNaN: true }),
      afterMs: fc.integer({ min: 0, max: LEASE_MS }),
      leaves: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let shares: Shares = {};
        let wall = 0;
        for (const { holder, wants, afterMs, leaves } of steps) {
          wall += afterMs;
          shares = leaves ? dropShare(shares, holder) : renewShare(shares, holder, wants, wall);
          expect(sum(shares)).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });
});
