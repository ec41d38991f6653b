import { expect, test } from "vitest";
import type { Outcome } from "../../../src/domain/outcome.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { type Rig, rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const TOGETHER = 50;
const ROWS = 60;
let rig: Rig;

/** Refuses its first calls, all in the same moment and each for longer than the one before; answers the others. */
function refusingTogether(sent: number[]): Provider {
  const refusals: (() => void)[] = [];
  const refused = (): Promise<Outcome> => {
    const retryAfterMs = 1_000 + 200 * sent.length;
    return new Promise((resolve) => {
      refusals.push(() => resolve(outcomeOf("throttled", { retryAfterMs })));
      if (refusals.length === TOGETHER) for (const refuse of refusals) refuse();
    });
  };
  const send = async (): Promise<Outcome> => {
    sent.push(rig.clock.now());
    return sent.length <= TOGETHER ? refused() : outcomeOf("succeeded");
  };
  return {
    name: "together",
    endpoint: "test",
    model: null,
    prepare: () => ({ charge: { inputTokens: 10, outputTokens: 10 }, send, release: () => {} }),
    close: async () => {},
  };
}

test("calls that are refused in the same moment are counted once for the quota of the day", async () => {
  rig = await rigWith(ROWS);
  const sent: number[] = [];
  const limits = { ...UNLIMITED, concurrency: TOGETHER, requestsPerDay: TOGETHER + ROWS };
  const bounds = { deadlineMs: 3_600_000, stallTimeoutMs: null, maxFailures: null };
  const options = { limits, concurrency: TOGETHER, bounds };
  expect(await rig.drain(() => refusingTogether(sent), options)).toBeNull();
  expect(sent).toHaveLength(TOGETHER + ROWS);
});
