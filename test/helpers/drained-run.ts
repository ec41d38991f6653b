import { join } from "node:path";
import type { BreakerCommand } from "../../src/control/breaker/breaker.ts";
import { commandShared } from "../../src/control/shared/breaker.ts";
import type { Run } from "../../src/domain/run.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import type { Provider } from "../../src/ports/provider.ts";
import type { Store } from "../../src/ports/store.ts";
import { type DrainOptions, drain } from "../../src/scheduler/drain.ts";
import type { RunEvent } from "../../src/scheduler/events.ts";
import type { DrainEnd } from "../../src/scheduler/finish.ts";
import type { Outlet } from "../../src/scheduler/outlet.ts";
import { StopSwitch } from "../../src/scheduler/stop.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { afterTest } from "./after-test.ts";
import { tempFolder } from "./cli.ts";
import { limitsOf } from "./limits.ts";
import { ManualClock } from "./manual-clock.ts";
import { seeded } from "./seeded.ts";
import { importRow, newRun } from "./stored-run.ts";

/** A real job table on a clock that stands still. */
export interface Rig {
  clock: ManualClock;
  /** The file of the job table. */
  path: string;
  store: Store;
  run: Run;
  events: RunEvent[];
  stop: StopSwitch;
  /** Drains the run, letting time pass whenever nothing else can happen. */
  drain(provider: (model: string | null) => Provider, options?: RigOptions): Promise<DrainEnd>;
  /** The same with outlets of one's own. */
  drainThrough(outlets: readonly Outlet[], options?: Partial<DrainOptions>): Promise<DrainEnd>;
}

type RigOptions = Partial<DrainOptions & Pick<Outlet, "limits" | "breaker" | "concurrency">>;

/** An outlet of the pool for rows that name no model, with eight slots and no limits, and what a test wants otherwise. */
export function outletOf(provider: Provider, wanted: Partial<Outlet> = {}): Outlet {
  const { stage = 0, models = [null], limits = UNLIMITED, concurrency = 8, mostCost = null } = wanted;
  const breaker = wanted.breaker ?? { failures: 5, cooldownMs: 2_000, probes: 1, on429: false };
  return { provider, stage, models, limits, charging: "used", breaker, concurrency, mostCost };
}

/** @param rows how many that are alike, or the rows themselves */
export async function rigWith(
  rows: number | readonly ImportRow[],
  models: readonly (string | null)[] = [null],
): Promise<Rig> {
  const clock = new ManualClock();
  const random = seeded(7);
  const path = join(tempFolder(), "test.db");
  const store = await openStore({ path, clock, random, durability: "normal" });
  afterTest(() => store.close());
  const run = await importRows(store, rows, models);
  const events: RunEvent[] = [];
  const stop = new StopSwitch();
  const rig: Rig = {
    clock,
    path,
    store,
    run,
    events,
    stop,
    drain(provider, options = {}) {
      const outlets = models.map((model) => outletOf(provider(model), { ...options, models: [model] }));
      return rig.drainThrough(outlets, options);
    },
    drainThrough(outlets, options = {}) {
      const drained = drain({
        store,
        run: run.id,
        outlets: () => outlets,
        rules: { maxAttempts: 3, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 },
        bounds: { deadlineMs: null, stallTimeoutMs: null, maxFailures: null },
        budgets: { run: {}, groups: new Map(), others: {}, overBudget: "wait", mostCost: () => null },
        clock,
        random,
        stop,
        observe: (event) => events.push(event),
        ...options,
      });
      return passTimeUntil(clock, drained);
    },
  };
  return rig;
}

/** Opens, closes or resets the breaker of the endpoint "test" by hand. */
export function moveBreaker({ store, clock }: Rig, command: BreakerCommand): Promise<string | null> {
  const settings = { failures: 5, cooldownMs: 1, probes: 1, on429: false };
  const moment = { now: clock.now(), wall: clock.wall(), random: () => 0.5, settings, maxConcurrency: 8 };
  return store.updateEndpoint("test", (state) => state && commandShared(state, command, moment));
}

/** Nothing is told but the concurrency. */
export const UNLIMITED = limitsOf({ concurrency: 8 });

async function importRows(
  store: Store,
  wanted: number | readonly ImportRow[],
  models: readonly (string | null)[],
): Promise<Run> {
  const importing = await store.beginImport(newRun());
  await importing.append(0, typeof wanted === "number" ? alike(wanted, models) : wanted);
  return importing.finish([{ path: "rows.jsonl", format: "jsonl", hash: "h", columns: null }]);
}

function alike(count: number, models: readonly (string | null)[]): ImportRow[] {
  return Array.from({ length: count }, (_, index) => {
    const model = models[index % models.length]!;
    return importRow(index + 1, { row: '{"prompt":"hi"}', model });
  });
}

/** Everything but time is done within a few turns of the event loop, since SQLite answers at once. */
const TURNS = 12;

async function passTimeUntil<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  ended.catch(() => {});
  while (!over) {
    for (let turn = 0; turn < TURNS && !over; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (!over && !clock.advanceToNext()) throw new Error("nothing is left that could happen");
  }
  return ended;
}
