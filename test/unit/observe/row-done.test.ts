import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ending } from "../../../src/domain/ending.ts";
import type { EventBody } from "../../../src/observe/events/event.ts";
import { rowDoneFields } from "../../../src/observe/events/row-done.ts";
import { answerOf, usageOf } from "../../helpers/answer.ts";
import { anyCharacter } from "../../helpers/any-character.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { endingOf } from "../../helpers/stored-run.ts";

type RowDone = Extract<EventBody, { type: "row_done" }>;

const text = fc.string({ unit: anyCharacter });
const count = fc.nat();
const millis = fc.double({ min: 0, max: 1e9, noNaN: true });
const answer = fc
  .record({ model: fc.option(text), inputTokens: count, cachedInputTokens: count, outputTokens: count })
  .map(({ model, ...usage }) => answerOf({ model, usage: usageOf(usage) }));
const ending: fc.Arbitrary<Ending> = fc
  .record({
    kind: fc.constantFrom("succeeded" as const, "rejected" as const),
    key: text,
    attempt: count,
    outcome: fc.record({ code: text, answer: fc.option(answer) }),
    timing: fc.record({ latencyMs: millis, waitMs: millis }),
    provider: text,
  })
  .map(({ kind, key, attempt, provider, ...wanted }) => ({
    ...endingOf(claimedJob(1, { key, attempt }), kind, wanted),
    provider,
  }));

/** The same as an object. */
function rowDone({ job, outcome, decision, timing, provider }: Ending): RowDone {
  const usage = outcome.answer?.usage;
  const isFailed = decision.state === "failed";
  return {
    type: "row_done",
    id: job.key,
    status: isFailed ? "failed" : "succeeded",
    code: isFailed ? outcome.code : null,
    attempts: job.attempt,
    latency_ms: Math.round(timing.latencyMs),
    wait_ms: Math.round(timing.waitMs),
    tokens: usage
      ? { input: usage.inputTokens, cached_input: usage.cachedInputTokens, output: usage.outputTokens }
      : null,
    model: outcome.answer?.model ?? null,
    provider,
  };
}

test("the line of a row is what JSON.stringify makes of it, whatever its names hold", () => {
  fc.assert(
    fc.property(ending, (one) => {
      expect(`{${rowDoneFields(one)}`).toBe(JSON.stringify(rowDone(one)));
    }),
  );
});
