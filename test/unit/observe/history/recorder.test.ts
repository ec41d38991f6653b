import { expect, test } from "vitest";
import { type BudgetLimits, spanEnd } from "../../../../src/control/budget/limit.ts";
import { countsOf, percentilesOf } from "../../../../src/domain/compact-histogram.ts";
import type { HistorySpan, Ration } from "../../../../src/domain/history.ts";
import { stopReason } from "../../../../src/domain/stop-reason.ts";
import { HistoryRecorder } from "../../../../src/observe/history/recorder.ts";
import type { Provider } from "../../../../src/ports/provider.ts";
import { StopSwitch } from "../../../../src/scheduler/stop.ts";
import { answerOf } from "../../../helpers/answer.ts";
import { type Rig, rigWith, UNLIMITED } from "../../../helpers/drained-run.ts";
import { outcomeOf } from "../../../helpers/outcome.ts";
import { ScriptedProvider } from "../../../helpers/scripted-provider.ts";
import { importRow } from "../../../helpers/stored-run.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ANSWER = answerOf();
const TOKENS = ANSWER.usage.inputTokens + ANSWER.usage.outputTokens;

let rig: Rig;

function recorder(store: Pick<Rig["store"], "figures" | "addHistory"> = rig.store): HistoryRecorder {
  return new HistoryRecorder({ store, run: rig.run.id, clock: rig.clock });
}

async function drainRecorded(
  provider: Provider,
  requestsPerMinute: number | "auto" = "auto",
  run: BudgetLimits = {},
  others: BudgetLimits = {},
) {
  const history = recorder();
  await rig.drain(() => provider, {
    limits: { ...UNLIMITED, requestsPerMinute },
    stop: rig.stop,
    budgets: { run, groups: new Map(), others, overBudget: "wait", mostCost: () => null },
    observe: (event) => history.see(event),
    onLanes: (lanes, budget) => history.watch(lanes, budget),
  });
  await history.close();
  return rig.store.history(rig.run.id);
}

type Counter = "sent" | "succeeded" | "failed" | "inputTokens" | "outputTokens" | "unpriced";
const total = (spans: readonly HistorySpan[], what: Counter): number =>
  spans.reduce((sum, span) => sum + span[what], 0);

test("every call of a run is in the second in which it was sent, and in that in which it ended", async () => {
  rig = await rigWith(40);
  const provider = new ScriptedProvider(rig.clock, 1_500);
  const start = rig.clock.wall();
  const spans = await drainRecorded(provider, 600);
  const sentIn = (span: HistorySpan): number =>
    provider.sentAt.filter((now) => Math.floor((start + now) / 1_000) * 1_000 === span.at).length;
  for (const span of spans) expect([span.at, span.sent]).toEqual([span.at, sentIn(span)]);
  expect(total(spans, "sent")).toBe(40);
  expect(spans[0]).toMatchObject({ at: start, ended: {}, limits: { "requests/minute": 600 } });
  const { tokens, latency_ms } = await rig.store.figures(rig.run.id);
  expect(total(spans, "inputTokens")).toBe(tokens.input);
  expect(total(spans, "outputTokens")).toBe(tokens.output);
  expect(total(spans, "unpriced")).toBe(40);
  expect(percentilesOf(...spans.map(({ latency }) => latency))).toEqual(latency_ms);
  expect(spans.at(-1)?.jobs).toMatchObject({ total: 40, pending: 0, running: 0, succeeded: 40 });
});

test("calls are counted by how they ended, and rows when they ended for good", async () => {
  rig = await rigWith(6);
  const kinds = ["throttled", "transient", "rejected"] as const;
  const provider = new ScriptedProvider(rig.clock, 100, ({ id, attempt }) => {
    const kind = attempt === 1 ? kinds[id % 6] : undefined;
    return outcomeOf(kind ?? "succeeded");
  });
  const spans = await drainRecorded(provider);
  const ended = spans.reduce<Record<string, number>>((sum, span) => {
    for (const [kind, count] of Object.entries(span.ended)) sum[kind] = (sum[kind] ?? 0) + count;
    return sum;
  }, {});
  expect(ended).toEqual({ throttled: 1, transient: 1, rejected: 1, succeeded: 5 });
  expect([total(spans, "succeeded"), total(spans, "failed")]).toEqual([5, 1]);
  const waits = spans.flatMap(({ wait }) => [...countsOf(wait).values()]);
  expect(waits.reduce((sum, count) => sum + count, 0)).toBe(8);
});

test("each move of a breaker is there with its time and its reason", async () => {
  rig = await rigWith(8);
  const start = rig.clock.wall();
  const provider = new ScriptedProvider(rig.clock, 10, (_, sentAt) =>
    outcomeOf(sentAt < 5_000 ? "overloaded" : "succeeded"),
  );
  const moves = (await drainRecorded(provider)).flatMap(({ breakers }) => breakers);
  expect(moves[0]).toEqual({ at: start + 10, endpoint: "test", state: "open", reason: expect.any(String) });
  expect(moves.at(-1)).toMatchObject({ state: "closed", reason: null });
  expect(moves.map(({ at }) => at)).toEqual(moves.map(({ at }) => at).sort());
});

test("while nothing can be sent one span in three seconds says how things stand, and no more", async () => {
  rig = await rigWith(8);
  const provider = new ScriptedProvider(rig.clock, 10, (_, sentAt) =>
    outcomeOf(sentAt < 1_000 ? "throttled" : "succeeded", sentAt < 1_000 ? { retryAfterMs: 300_000 } : {}),
  );
  const spans = await drainRecorded(provider);
  const idle = spans.filter(({ sent, ended }) => sent === 0 && Object.keys(ended).length === 0);
  expect(idle.length).toBeGreaterThan(90);
  expect(idle.length).toBeLessThan(115);
  for (const { jobs } of idle) expect(jobs).toMatchObject({ succeeded: 0 });
});

test("a run that has nothing left to do adds nothing", async () => {
  rig = await rigWith(2);
  const first = await drainRecorded(new ScriptedProvider(rig.clock, 10));
  rig.clock.advance(60_000);
  expect(await drainRecorded(new ScriptedProvider(rig.clock, 10))).toEqual(first);
});

test("what can't be written is written the next time", async () => {
  rig = await rigWith(1);
  let isFull = true;
  const history = recorder({
    figures: (run) => rig.store.figures(run),
    addHistory: async (run, spans) => {
      if (isFull) throw new Error("the disk is full");
      await rig.store.addHistory(run, spans);
    },
  });
  const provider = new ScriptedProvider(rig.clock, 4_000);
  await rig.drain(() => provider, {
    observe: (event) => history.see(event),
    onLanes: (lanes, budget) => history.watch(lanes, budget),
  });
  isFull = false;
  await history.close();
  const spans = await rig.store.history(rig.run.id);
  expect([total(spans, "sent"), total(spans, "succeeded")]).toEqual([1, 1]);
});

test("a wall clock that is set while the run goes on loses no call", async () => {
  rig = await rigWith(30);
  const provider = new ScriptedProvider(rig.clock, 100, (job) => {
    if (job.id % 10 === 0) rig.clock.jumpWall(-7_300_000);
    if (job.id % 10 === 5) rig.clock.jumpWall(1_234_567);
    return outcomeOf("succeeded");
  });
  const spans = await drainRecorded(provider, 300);
  expect([total(spans, "sent"), total(spans, "succeeded")]).toEqual([30, 30]);
});

test("the pace is how rows come to be done, and an open breaker takes nothing from it", async () => {
  rig = await rigWith(400);
  const provider = new ScriptedProvider(rig.clock, 10, (_, sentAt) =>
    outcomeOf(sentAt > 20_000 && sentAt < 600_000 ? "overloaded" : "succeeded"),
  );
  const spans = await drainRecorded(provider, 600);
  const start = spans[0]!.at;
  const down = spans.filter(({ at, pace }) => pace !== null && at > start + 30_000 && at < start + 600_000);
  expect(down.length).toBeGreaterThan(100);
  for (const { pace } of down) expect(pace!.rowsPerMinute / 600).toBeCloseTo(1, 0.5);
});

test("the pace of an earlier process stands until there is another, however long nobody was at the run", async () => {
  rig = await rigWith(400);
  rig.clock.timer(20_500, () => rig.stop.stop(stopReason.signal("SIGINT")));
  const before = await drainRecorded(new ScriptedProvider(rig.clock, 10), 600);
  const { pace } = before.at(-1)!;
  expect(pace!.rowsPerMinute / 600).toBeCloseTo(1, 1);
  rig.clock.advance(7_200_000);
  rig.stop = new StopSwitch();
  const after = (await drainRecorded(new ScriptedProvider(rig.clock, 8_000), 60)).slice(before.length);
  const paces = after.flatMap((span) => (span.pace === null ? [] : [span.pace]));
  expect(paces.slice(0, 2)).toEqual([pace, pace]);
  expect(paces.at(-1)!.rowsPerMinute / 60).toBeCloseTo(1, 1);
});

/**
 * The looks of a run of 300 rows, 200 of which an hour has room for, in that hour after the budget was used up. It begins ten
 * minutes before the hour is over.
 */
async function looksInWait(run: BudgetLimits, others: BudgetLimits = {}) {
  rig.clock.jumpWall(50 * MINUTE_MS);
  const start = rig.clock.wall();
  const provider = new ScriptedProvider(rig.clock, 10, () => outcomeOf("succeeded", { answer: ANSWER }));
  const spans = await drainRecorded(provider, 600, run, others);
  const looks = spans.filter(({ jobs }) => jobs !== null);
  expect(looks.at(-1)!.pace!.rowsPerMinute / 600).toBeCloseTo(1, 0.5);
  const waiting = looks.filter(({ at }) => at > start + 40_000 && at < start + 10 * MINUTE_MS - 10_000);
  expect(waiting.length).toBeGreaterThan(100);
  return waiting;
}

test("the pace stands while rows wait for the next hour's budget of the run, with when that begins", async () => {
  rig = await rigWith(300);
  for (const { at, pace } of await looksInWait({ tokensPerHour: 200 * TOKENS })) {
    expect(pace!.rowsPerMinute / 600).toBeCloseTo(1, 0.5);
    const [{ left, perSpan, spanMs, resetMs }] = pace!.rations as [Ration];
    expect([left, Math.round(perSpan), spanMs]).toEqual([expect.any(Number), 200, HOUR_MS]);
    expect(left).toBeLessThanOrEqual(0);
    expect(Math.round((at + resetMs!) / 60_000) * 60_000).toBe(spanEnd("hour", at));
  }
});

test("there is no pace while rows wait for the next hour's budget of their group, and there is one again after that", async () => {
  rig = await rigWith(Array.from({ length: 300 }, (_, at) => importRow(at + 1, { group: "a" })));
  const waiting = await looksInWait({}, { tokensPerHour: 200 * TOKENS });
  expect(waiting.filter(({ pace }) => pace !== null)).toEqual([]);
});

test("the pace stands while rows wait for their next try, with when that is", async () => {
  rig = await rigWith(100);
  const provider = new ScriptedProvider(rig.clock, 10, ({ attempt, id }) =>
    id % 100 === 0 && attempt === 1
      ? outcomeOf("transient", { retryAfterMs: 600_000 })
      : outcomeOf("succeeded"),
  );
  const spans = await drainRecorded(provider, 600);
  const start = spans[0]!.at;
  const waiting = spans.filter(({ at }) => at > start + 30_000 && at < start + 590_000);
  expect(waiting.length).toBeGreaterThan(100);
  for (const { at, pace } of waiting) expect((at + pace!.retryMs! - start) / 600_000).toBeCloseTo(1, 1);
});
