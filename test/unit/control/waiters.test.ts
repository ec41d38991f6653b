import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Waiter, Waiters } from "../../../src/control/waiters.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";

function waiter(id: number, inputTokens = 1): Waiter {
  return {
    job: claimedJob(id),
    estimate: { inputTokens, outputTokens: 0 },
    resolve: () => {},
  };
}

describe("those who wait", () => {
  const score = ({ estimate }: Waiter): number => estimate.inputTokens;

  function takeFromBoth(waiters: Waiters, list: Waiter[], how: "first" | "lowest"): void {
    if (list.length === 0) return;
    const place = how === "first" ? waiters.first() : waiters.lowest(score);
    const lowest = list.reduce((best, one) => (score(one) < score(best) ? one : best));
    const expected = how === "first" ? list[0]! : lowest;
    expect(waiters.at(place)).toBe(expected);
    waiters.remove(place);
    list.splice(list.indexOf(expected), 1);
  }

  it("are taken first come first served, or by the lowest score, like a plain list", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.nat(5) },
      { weight: 2, arbitrary: fc.constantFrom("first" as const, "lowest" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const waiters = new Waiters();
        const list: Waiter[] = [];
        for (const [id, tokensOrTake] of steps.entries()) {
          if (typeof tokensOrTake === "string") takeFromBoth(waiters, list, tokensOrTake);
          else {
            list.push(waiter(id, tokensOrTake));
            waiters.add(list.at(-1)!);
          }
          expect(waiters.size).toBe(list.length);
        }
        expect(waiters.drain()).toEqual(list);
        expect(waiters.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("stay in order when thousands have passed and some remain", () => {
    const waiters = new Waiters();
    for (let id = 0; id < 5_000; id += 1) waiters.add(waiter(id));
    for (let id = 0; id < 4_990; id += 1) {
      const place = waiters.first();
      expect(waiters.at(place).job.id).toBe(id);
      waiters.remove(place);
    }
    waiters.add(waiter(5_000));
    expect(waiters.drain().map(({ job }) => job.id)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => 4_990 + i),
      5_000,
    ]);
  });
});
