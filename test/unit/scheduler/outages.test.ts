import { expect, test } from "vitest";
import { stopReason } from "../../../src/domain/stop-reason.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";

const SECOND = 1_000;

test("an outage of 20 s in the middle is probed, uses up no attempts, and every row is done afterwards", async () => {
  const rig = await rigWith(2_000);
  const outage = { from: 5 * SECOND, to: 25 * SECOND };
  const isOut = (at: number): boolean => at >= outage.from && at < outage.to;
  const provider = new ScriptedProvider(rig.clock, 100, (_, sentAt) =>
    outcomeOf(isOut(sentAt) ? "overloaded" : "succeeded"),
  );
  const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
  expect(await rig.drain(() => provider, { rules })).toBeNull();
  const sentInIt = provider.sentAt.filter(isOut).length;
  expect(sentInIt).toBeLessThanOrEqual(12 + 8);
  const figures = await rig.store.figures(rig.run.id);
  expect(figures.jobs).toMatchObject({ succeeded: 2_000, failed: 0 });
  expect(rig.events.some((event) => event.type === "gate" && event.event.type === "opened")).toBe(true);
});

test("failures that come in among the last successes before an outage are given back too", async () => {
  const rig = await rigWith(300);
  const isOut = (at: number): boolean => at >= SECOND && at < 4 * SECOND;
  // Refused at once, while the calls sent before take their time.
  const answering = new ScriptedProvider(rig.clock, 100);
  const refusing = new ScriptedProvider(rig.clock, 1, () => outcomeOf("overloaded"));
  const provider: Provider = {
    name: "test",
    model: null,
    endpoint: "test",
    prepare: (job) => (isOut(rig.clock.now()) ? refusing : answering).prepare(job),
    close: async () => {},
  };
  const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
  const limits = { ...UNLIMITED, requestsPerMinute: 3_000 };
  await rig.drain(() => provider, { rules, limits });
  expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 300, failed: 0 });
});

test("claims nothing while the breaker is open", async () => {
  const rig = await rigWith(200);
  const provider = new ScriptedProvider(rig.clock, 10, () => outcomeOf("overloaded"));
  rig.clock.timer(1_500, () => rig.stop.stop(stopReason.signal("SIGINT")));
  const running: number[] = [];
  const look = async (): Promise<void> => {
    running.push((await rig.store.figures(rig.run.id)).jobs.running);
  };
  rig.clock.timer(1_000, () => void look());
  const end = await rig.drain(() => provider);
  expect(end?.code).toBe("SIGINT");
  expect(running).toEqual([expect.any(Number)]);
  expect(running[0]).toBeLessThanOrEqual(8 * 5);
});

test("one model's outage stops no other", async () => {
  const rig = await rigWith(100, ["good", "bad"]);
  const good = new ScriptedProvider(rig.clock, 100, undefined, "good");
  const bad = new ScriptedProvider(
    rig.clock,
    100,
    (_, at) => outcomeOf(at < 10 * SECOND ? "overloaded" : "succeeded"),
    "bad",
  );
  expect(await rig.drain((model) => (model === "good" ? good : bad))).toBeNull();
  expect(good.sentAt.at(-1)).toBeLessThan(SECOND);
  expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(100);
});

test("a cancelled run stays cancelled when the breaker opens afterwards", async () => {
  const rig = await rigWith(20);
  const provider = new ScriptedProvider(rig.clock, 300, () => outcomeOf("transient"));
  rig.clock.timer(1_000, () => void rig.store.cancel(rig.run.id));
  const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
  expect(await rig.drain(() => provider, { concurrency: 1, rules })).toBeNull();
  expect((await rig.store.findRun({ id: rig.run.id }))?.state).toBe("cancelled");
  expect((await rig.store.figures(rig.run.id)).jobs.pending).toBe(0);
});

test("a refused key stops the run with 4, and the next start asks nothing until the breaker is reset", async () => {
  const rig = await rigWith(10);
  const provider = new ScriptedProvider(rig.clock, 100, () => outcomeOf("blocked"));
  const end = await rig.drain(() => provider);
  expect(end).toMatchObject({ code: "PROVIDER_REFUSED", exitCode: 4 });
  expect(provider.sentAt.length).toBeLessThanOrEqual(8);
});
