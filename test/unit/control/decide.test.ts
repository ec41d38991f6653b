import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../src/control/backoff.ts";
import { decide, type RetryRules } from "../../../src/control/decide.ts";
import type { Decision } from "../../../src/domain/ending.ts";
import type { Outcome, OutcomeKind } from "../../../src/domain/outcome.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const WALL = 1_800_000_000_000;
const RULES: RetryRules = { maxAttempts: 5, schemaAttempts: 3, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

function decided(
  kind: OutcomeKind,
  {
    attempt = 1,
    failures = 0,
    invalid = 0,
    random = 0.5,
    ...details
  }: Partial<Outcome> & { attempt?: number; failures?: number; invalid?: number; random?: number } = {},
): Decision {
  return decide(claimedJob(1, { attempt, failures, invalid }), outcomeOf(kind, details), RULES, {
    wallMs: WALL,
    random: () => random,
  });
}

describe("the decision about a job", () => {
  it("takes an answer as its end", () => {
    expect(decided("succeeded")).toEqual({ state: "succeeded", availableAt: 0, countsAs: null });
  });

  it("ends a job whose request is refused for good at the first failure", () => {
    expect(decided("rejected")).toEqual({ state: "failed", availableAt: 0, countsAs: "failure" });
  });

  it.each<OutcomeKind>(["overloaded", "transient", "interrupted", "malformed"])(
    "sends a job that was %s again, until its attempts are used up",
    (kind) => {
      expect(decided(kind, { failures: 3 })).toMatchObject({ state: "pending", countsAs: "failure" });
      expect(decided(kind, { failures: 4 })).toEqual({
        state: "failed",
        availableAt: 0,
        countsAs: "failure",
      });
    },
  );

  it.each<OutcomeKind>(["throttled", "exhausted", "unreachable", "blocked", "aborted"])(
    "uses up no attempt of a job that was %s, however often",
    (kind) => {
      expect(decided(kind, { failures: 4 })).toMatchObject({ state: "pending", countsAs: null });
    },
  );

  it("asks again at once for an answer that doesn't fit, until its answers are used up", () => {
    expect(decided("invalid", { invalid: 1 })).toEqual({
      state: "pending",
      availableAt: WALL,
      countsAs: "invalid",
    });
    expect(decided("invalid", { invalid: 2 })).toEqual({
      state: "failed",
      availableAt: 0,
      countsAs: "invalid",
    });
  });

  it("counts answers that don't fit and failures apart", () => {
    expect(decided("invalid", { failures: 4 }).state).toBe("pending");
    expect(decided("transient", { invalid: 2 })).toMatchObject({ state: "pending", countsAs: "failure" });
  });

  it("takes the first answer that doesn't fit as the last where one is all that is allowed", () => {
    const outcome = outcomeOf("invalid");
    const { state } = decide(
      claimedJob(1),
      outcome,
      { ...RULES, schemaAttempts: 1 },
      { wallMs: WALL, random: () => 0.5 },
    );
    expect(state).toBe("failed");
  });

  it("has a throttled job ready when the hint says, or at once: the limiter holds it back", () => {
    expect(decided("throttled").availableAt).toBe(WALL);
    expect(decided("throttled", { retryAfterMs: 1_500.2 }).availableAt).toBe(WALL + 1_501);
  });

  it("holds a job back that is throttled again and again, so that it doesn't hold up all others", () => {
    const waits = [1, 2, 3, 4, 20].map((attempt) => decided("throttled", { attempt }).availableAt - WALL);
    expect(waits).toEqual([0, 750, 1_500, 3_000, 45_000]);
    expect(decided("throttled", { attempt: 4, failures: 2, invalid: 1 }).availableAt).toBe(WALL);
    expect(decided("throttled", { attempt: 2, retryAfterMs: 5_000 }).availableAt).toBe(WALL + 5_000);
  });

  it("waits a moment where nothing could be sent, so that a job is not tried again in the same millisecond", () => {
    expect(decided("unreachable").availableAt).toBe(WALL + 750);
  });

  it("doubles the wait with each failure, up to the longest", () => {
    const waits = [0, 1, 2, 3].map(
      (failures) => decided("transient", { failures, random: 0 }).availableAt - WALL,
    );
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
    expect(backoffMs(40, RULES, () => 0.999_999_999)).toBe(60_000);
  });

  it("openai-node, promptfoo: a hint above 60 s is not ignored", () => {
    const hour = 3_600_000;
    expect(decided("throttled", { retryAfterMs: hour }).availableAt).toBe(WALL + hour);
    expect(decided("overloaded", { retryAfterMs: hour }).availableAt).toBe(WALL + hour);
  });

  it("never shortens a hint nor a backoff, and gives whole milliseconds", () => {
    const seconds = fc.double({ min: 0, max: 1e7, noNaN: true });
    const below1 = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.nat(3), fc.option(seconds), below1, (failures, retryAfterMs, random) => {
        const { availableAt } = decided("transient", { failures, retryAfterMs, random });
        const longest = Math.min(60_000, 1_000 * 2 ** failures);
        expect(availableAt - WALL).toBeGreaterThanOrEqual(Math.max(retryAfterMs ?? 0, longest / 2));
        expect(availableAt - WALL).toBeLessThanOrEqual(Math.ceil(Math.max(retryAfterMs ?? 0, longest)));
        expect(Number.isInteger(availableAt)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
