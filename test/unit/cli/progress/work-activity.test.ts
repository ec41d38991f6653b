import { expect, test } from "vitest";
import { type Work, workActivity } from "../../../../src/cli/progress/work-activity.ts";
import { lookAt } from "../../../../src/observe/status.ts";
import { outletOf, type Rig, rigWith } from "../../../helpers/drained-run.ts";
import { ScriptedProvider } from "../../../helpers/scripted-provider.ts";
import { importRow } from "../../../helpers/stored-run.ts";

const MINUTE_MS = 60_000;
/** What the rig takes a call to use. */
const TOKENS = 20;
let rig: Rig;

test("a run whose rows all wait for the budgets of their groups says for which, and until when", async () => {
  const groups = ["a", "b", "b"];
  rig = await rigWith(groups.map((group, at) => importRow(at + 1, { group })));
  rig.clock.jumpWall(50 * MINUTE_MS);
  const told: string[] = [];
  let work: Work = { lanes: [], budget: null };
  const tell = async (): Promise<void> => {
    told.push((await workActivity(work, rig.clock, await lookAt(rig.store, rig.run, true), 0)).text);
  };
  rig.clock.timer(MINUTE_MS, tell);
  await rig.drainThrough([outletOf(new ScriptedProvider(rig.clock, 100), { concurrency: 1 })], {
    budgets: {
      run: {},
      groups: new Map(),
      others: { tokensPerHour: TOKENS },
      overBudget: "wait",
      mostCost: () => null,
    },
    onLanes: (lanes, budget) => {
      work = { lanes, budget };
    },
  });
  expect(told).toEqual(['waiting 9m: tokens-per-hour of group "b" is used up']);
});
