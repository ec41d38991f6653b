import { drainRun } from "../../app/drain-run.ts";
import { recordStop } from "../../app/record-stop.ts";
import type { RunOptions } from "../../config/run-options.ts";
import type { Run } from "../../domain/run.ts";
import type { EventLog } from "../../observe/events/event-log.ts";
import { type LaneNews, LaneWatch } from "../../observe/events/lane-news.ts";
import { Pulse } from "../../observe/events/pulse.ts";
import { HistoryRecorder } from "../../observe/history/recorder.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { BudgetWatch } from "../../scheduler/budget-watch.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { DrainEnd } from "../../scheduler/finish.ts";
import type { Lane } from "../../scheduler/lane.ts";
import { StopSwitch } from "../../scheduler/stop.ts";
import type { Invocation } from "../context.ts";
import { type Progress, startProgress } from "../progress/progress.ts";
import { withSameFlags } from "../text/command-line.ts";
import type { Voice } from "../voice.ts";
import type { Metrics } from "./open-metrics.ts";
import { stopOnSignals } from "./signals.ts";

/** A run that a command works on. */
export interface Session {
  invocation: Invocation;
  store: Store;
  run: Run;
  options: RunOptions;
}

/** Where a run's events go, besides the progress that is shown. */
export interface Telling {
  log: EventLog;
  voice: Voice;
  /** Null where nobody asks for them. */
  metrics: Metrics | null;
}

/** Drains a run: its events are shown and logged, and signals stop it. */
export async function drainInSight(
  { invocation, store, run, options }: Session,
  telling: Telling,
): Promise<DrainEnd> {
  const { context, globals } = invocation;
  const { env, clock, random } = context;
  const { log, voice } = telling;
  const stop = new StopSwitch();
  const progress = await startProgress({ context, globals, store, run });
  voice.sayThrough((text) => progress.say(text));
  const onlookers = onlookersOf({ store, run, clock, progress, isVerbose: globals.verbose, ...telling });
  const restoreSignals = stopOnSignals(stop, clock, (text) => {
    progress.abandon(withSameFlags(text, globals.sameFlags));
    log.flush();
    store.abandon();
  });
  stop.onStop((reason) => {
    // A run that is to stop doesn't wait long for a database that is away.
    store.hurry();
    // Now as well as at the end: who asks for it may not wait for the calls in flight.
    recordStop(store, run, reason);
  });
  const { observe, onLanes } = onlookers;
  try {
    return await context.withLargeHeap(() =>
      drainRun({ store, run, options, env, clock, random, stop, observe, onLanes }),
    );
  } finally {
    restoreSignals();
    await onlookers.close();
    voice.sayThrough(null);
    await progress.close();
  }
}

interface Scene extends Telling {
  store: Store;
  run: Run;
  clock: Clock;
  progress: Progress;
  isVerbose: boolean;
}

/** Hands what happens in a drain on to all who look on: history, metrics, progress and log. */
function onlookersOf({ store, run, clock, progress, log, metrics, isVerbose }: Scene) {
  const see = (news: RunEvent | LaneNews): void => {
    progress.see(news);
    log.see(news);
  };
  const history = new HistoryRecorder({ store, run: run.id, clock });
  const laneWatch = new LaneWatch(clock, see);
  const pulse = new Pulse({ log, store, run, clock });
  return {
    observe(event: RunEvent): void {
      history.see(event);
      metrics?.see(event);
      see(event);
    },
    onLanes(lanes: readonly Lane[], budget: BudgetWatch): void {
      history.watch(lanes, budget);
      metrics?.watch(lanes);
      progress.watch(lanes, budget);
      pulse.watch(lanes);
      if (isVerbose || log.isOn) laneWatch.watch(lanes);
    },
    async close(): Promise<void> {
      laneWatch.close();
      await history.close();
      await pulse.close();
    },
  };
}
