import { describe, expect, test } from "vitest";
import type { BudgetLimits } from "../../../src/control/budget/limit.ts";
import type { Budgets } from "../../../src/scheduler/budget-watch.ts";
import { StopSwitch } from "../../../src/scheduler/stop.ts";
import { openStore } from "../../../src/store/sqlite/open.ts";
import { answerOf, usageOf } from "../../helpers/answer.ts";
import { outletOf, type Rig, rigWith } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { endingOf, importRow, queueOf } from "../../helpers/stored-run.ts";

const HOUR_MS = 3_600_000;
/** What each call uses: 20 tokens, which is what it is estimated at, or 1,000 nano-USD. */
const TOKENS = 20;
const NANO_USD = 1_000;
const SLOTS = 8;
let rig: Rig;

function answering(outputTokens = 10): ScriptedProvider {
  const answer = answerOf({ usage: usageOf({ outputTokens }) });
  return new ScriptedProvider(rig.clock, 100, () =>
    outcomeOf("succeeded", { answer, costNanoUsd: NANO_USD }),
  );
}

function drain(provider: ScriptedProvider, run: BudgetLimits, wanted: Partial<Budgets> = {}) {
  const budgets: Budgets = {
    run,
    groups: new Map(),
    others: {},
    overBudget: "wait",
    mostCost: () => NANO_USD,
    ...wanted,
  };
  const outlet = outletOf(provider, { mostCost: () => NANO_USD });
  return rig.drainThrough([outlet], { budgets, stop: rig.stop });
}

const jobs = async () => (await rig.store.figures(rig.run.id)).jobs;
const grouped = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .flatMap(([group, count]) => Array<string>(count).fill(group))
    .map((group, at) => importRow(at + 1, { group }));

describe("a budget of the run", () => {
  test("in tokens stops it with 75 when it is used up, and not before", async () => {
    rig = await rigWith(100);
    const provider = answering();
    const end = await drain(provider, { maxTotalTokens: 50 * TOKENS });
    expect(end).toMatchObject({ code: "TOKEN_BUDGET", exitCode: 75, raise: "--max-total-tokens MORE" });
    expect(provider.sentAt).toHaveLength(50);
    expect(await jobs()).toMatchObject({ succeeded: 50, pending: 50, running: 0 });
  });

  test("in money as well, and a larger one goes on from there", async () => {
    rig = await rigWith(30);
    const provider = answering();
    expect(await drain(provider, { maxCost: 10 * NANO_USD })).toMatchObject({ code: "COST_BUDGET" });
    expect(provider.sentAt).toHaveLength(10);
    rig.stop = new StopSwitch();
    expect(await drain(provider, { maxCost: 20 * NANO_USD })).toMatchObject({ code: "COST_BUDGET" });
    expect(await jobs()).toMatchObject({ succeeded: 20 });
  });

  test("is passed by no more than what is in flight, though every answer is larger than estimated", async () => {
    rig = await rigWith(100);
    const provider = answering(990);
    expect(await drain(provider, { maxTotalTokens: 10_000 })).toMatchObject({ code: "TOKEN_BUDGET" });
    const { tokens } = await rig.store.figures(rig.run.id);
    expect(tokens.input + tokens.output).toBeGreaterThanOrEqual(10_000);
    expect(tokens.input + tokens.output).toBeLessThan(10_000 + SLOTS * 1_000);
  });

  test("is read anew once a second, not for each call, by a process that is alone", async () => {
    rig = await rigWith(100);
    const { store } = rig;
    let reads = 0;
    const spend = store.spend.bind(store);
    store.spend = (run) => {
      reads += 1;
      return spend(run);
    };
    expect(await drain(answering(), { maxTotalTokens: 1_000 * TOKENS })).toBeNull();
    expect(reads).toBeLessThanOrEqual(2 + 2 * Math.ceil(rig.clock.now() / 1_000));
  });

  test("counts calls whose end is recorded while it is read, as a server may answer late", async () => {
    rig = await rigWith(200);
    const { store, clock } = rig;
    const spend = store.spend.bind(store);
    store.spend = async (run) => {
      const report = await spend(run);
      await new Promise<void>((resolve) => clock.timer(clock.now() + 150, resolve));
      return report;
    };
    const provider = answering();
    expect(await drain(provider, { maxTotalTokens: 75 * TOKENS })).toMatchObject({ code: "TOKEN_BUDGET" });
    expect(provider.sentAt).toHaveLength(75);
  });

  test("knows what another process has used before the next call, not at the next second", async () => {
    rig = await rigWith(100);
    const { clock, path, run } = rig;
    const other = await openStore({ path, clock, random: () => 0.5, durability: "normal" });
    const provider = answering();
    clock.timer(150, async () => {
      const [job] = await other.claim(run.id, queueOf(), 1);
      const answer = answerOf({ usage: usageOf({ outputTokens: 100 * TOKENS }) });
      await other.record(endingOf(job!, "succeeded", { outcome: { answer } }));
    });
    expect(await drain(provider, { maxTotalTokens: 50 * TOKENS })).toMatchObject({ code: "TOKEN_BUDGET" });
    expect(provider.sentAt.length).toBeLessThanOrEqual(2 * SLOTS);
    await other.close();
  });

  test("of an hour is waited for, whatever the stall timeout, and told once", async () => {
    rig = await rigWith(15);
    rig.clock.advance(HOUR_MS - (rig.clock.wall() % HOUR_MS) - 120_000);
    const provider = answering();
    const bounds = { deadlineMs: null, stallTimeoutMs: 60_000, maxFailures: null };
    const budgets: Budgets = {
      run: { tokensPerHour: 10 * TOKENS },
      groups: new Map(),
      others: {},
      overBudget: "wait",
      mostCost: () => null,
    };
    expect(await rig.drainThrough([outletOf(provider)], { budgets, bounds })).toBeNull();
    const hours = new Map<number, number>();
    const origin = rig.clock.wall() - rig.clock.now();
    for (const at of provider.sentAt) {
      const hour = Math.floor((origin + at) / HOUR_MS);
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    expect([...hours.values()]).toEqual([10, 5]);
    expect(rig.events.filter(({ type }) => type === "over_budget")).toHaveLength(1);
  });
});

describe("budgets of groups", () => {
  const others = { maxTotalTokens: 5 * TOKENS };

  test("let the others go on, and stop the run when nothing else is left", async () => {
    rig = await rigWith(grouped({ small: 3, large: 40, free: 20 }));
    const provider = answering();
    const end = await drain(provider, {}, { others, groups: new Map([["free", {}]]) });
    expect(end).toMatchObject({ code: "GROUP_BUDGETS", exitCode: 75 });
    expect(end?.message).toContain('"large"');
    expect(await jobs()).toMatchObject({ succeeded: 3 + 5 + 20, pending: 35 });
  });

  test("fail the rest of a group where that is chosen, and the run ends", async () => {
    rig = await rigWith(grouped({ small: 3, large: 40 }));
    expect(await drain(answering(), {}, { others, overBudget: "fail" })).toBeNull();
    expect(await jobs()).toMatchObject({ succeeded: 8, failed: 35, pending: 0 });
    const { failures } = await rig.store.figures(rig.run.id);
    expect(failures).toMatchObject([{ code: "OVER_BUDGET", count: 35 }]);
    expect(rig.events).toContainEqual({
      type: "group_failed",
      group: "large",
      code: "OVER_BUDGET",
      rows: 35,
    });
  });

  test("fail the rest of a group as well where another process has used up the last of it", async () => {
    rig = await rigWith(grouped({ large: 2 }));
    const { clock, path, run } = rig;
    const other = await openStore({ path, clock, random: () => 0.5, durability: "normal" });
    const [job] = await other.claim(run.id, queueOf(), 1);
    const provider = new ScriptedProvider(clock, 100, () => {
      const answer = answerOf({ usage: usageOf({ outputTokens: 5 * TOKENS }) });
      other.record(endingOf(job!, "succeeded", { outcome: { answer } }));
      return outcomeOf("transient");
    });
    expect(await drain(provider, {}, { others, overBudget: "fail" })).toBeNull();
    expect(await jobs()).toMatchObject({ succeeded: 1, failed: 1, pending: 0 });
    await other.close();
  });

  test("share fairly: nine small groups are done as early as if a tenth had as few rows", async () => {
    const small = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`small-${at}`, 20]));
    rig = await rigWith(grouped({ heavy: 1_620, ...small }));
    const lastOf = new Map<string, number>();
    const provider = new ScriptedProvider(rig.clock, 100, ({ group }, sentAt) => {
      lastOf.set(group!, sentAt);
      return outcomeOf("succeeded");
    });
    expect(await drain(provider, {})).toBeNull();
    const lastSmall = Math.max(...[...lastOf].filter(([group]) => group !== "heavy").map(([, at]) => at));
    // Ten groups of 20 rows take 25 rounds of eight slots; what is claimed ahead is at most a window more.
    expect(lastSmall / 100).toBeLessThanOrEqual(25 + 4);
  });
});
