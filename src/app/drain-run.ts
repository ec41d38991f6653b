import type { RunOptions } from "../config/run-options.ts";
import type { RetryRules } from "../control/decide.ts";
import type { Run } from "../domain/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import { BodyMemory } from "../provider/http/body-memory.ts";
import type { Bounds } from "../scheduler/bounds.ts";
import type { BudgetWatch } from "../scheduler/budget-watch.ts";
import { drain } from "../scheduler/drain.ts";
import type { Observer } from "../scheduler/events.ts";
import type { DrainEnd } from "../scheduler/finish.ts";
import type { Lane } from "../scheduler/lane.ts";
import type { Outlet } from "../scheduler/outlet.ts";
import type { StopSwitch } from "../scheduler/stop.ts";
import { memoryAllowance } from "./settings/allowance.ts";
import { answerCheckOf } from "./settings/answer-check.ts";
import { budgetsOf, refuseUnpriced } from "./settings/budget-settings.ts";
import { outletsOf } from "./settings/outlets.ts";
import { pricesFor } from "./settings/prices.ts";
import { simulatorSettings, startSimulation } from "./settings/simulation.ts";

export interface DrainRunOptions {
  store: Store;
  run: Run;
  options: RunOptions;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  random: Random;
  stop: StopSwitch;
  observe: Observer;
  onLanes(lanes: readonly Lane[], budget: BudgetWatch): void;
}

/** Wires the parts that a run needs and drains it. */
export async function drainRun(context: DrainRunOptions): Promise<DrainEnd> {
  const { store, run, options, env, clock, random, stop, observe, onLanes } = context;
  const check = await answerCheckOf(run.request);
  const settings = await simulatorSettings(run.request, options);
  const prices = await pricesFor(run.request, options);
  // The last step that may fail: a server that is left open would keep the process from ending.
  const simulator = settings === null ? null : await startSimulation(settings, clock);
  const simulatorUrl = simulator?.url ?? null;
  const allowance = memoryAllowance();
  const bodies = new BodyMemory(allowance);
  const outletContext = { run, options, env, clock, check, prices, simulatorUrl, bodies };
  const outlets: Outlet[] = [];
  const budgets = budgetsOf(options, outlets);
  try {
    return await drain({
      store,
      run: run.id,
      outlets: (models) => {
        outlets.push(...outletsOf(outletContext, models));
        refuseUnpriced(budgets, outlets);
        return outlets;
      },
      budgets,
      windowCharacters: allowance,
      rules: rulesOf(options),
      bounds: boundsOf(options),
      clock,
      random,
      stop,
      observe,
      onLanes,
    });
  } finally {
    await simulator?.close();
  }
}

function rulesOf({ maxAttempts, schemaAttempts, backoffBase, backoffMax }: RunOptions): RetryRules {
  return { maxAttempts, schemaAttempts, backoffBaseMs: backoffBase, backoffMaxMs: backoffMax };
}

function boundsOf({ deadline, stallTimeout, maxFailures }: RunOptions): Bounds {
  return { deadlineMs: deadline, stallTimeoutMs: stallTimeout, maxFailures };
}
