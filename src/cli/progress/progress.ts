import type { Closure } from "../../control/budget-account.ts";
import { kebab } from "../../domain/kebab.ts";
import type { Run } from "../../domain/run.ts";
import type { LaneNews } from "../../observe/events/lane-news.ts";
import { type Look, lookAt } from "../../observe/status.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { GroupSet, Store } from "../../ports/store.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { CliContext, GlobalOptions } from "../context.ts";
import { printableLine } from "../printable.ts";
import { waitSpan } from "../text/times.ts";
import { chooseDisplay } from "./choose-display.ts";
import { eventLine } from "./event-line.ts";
import { type Activity, sightOf } from "./sight.ts";
import { activityOf, stoppingWith } from "./wait-text.ts";

const NO_GROUPS: GroupSet = new Set();

/** What a drain's events and figures look like to the user. */
export interface Progress {
  see(news: RunEvent | LaneNews): void;
  watch(lanes: readonly Lane[]): void;
  /** A line that stays, whether or not anything else is shown. */
  say(text: string): void;
  close(): Promise<void>;
  /** The last words of a process that ends at once: leaves the terminal as it was. */
  abandon(text: string): void;
}

interface ProgressOptions {
  context: CliContext;
  globals: GlobalOptions;
  store: Store;
  run: Run;
}

/** Shows the run until closed: every figure is read from the store, so that it is true for all processes together. */
export async function startProgress({ context, globals, store, run }: ProgressOptions): Promise<Progress> {
  const { clock } = context;
  const display = await chooseDisplay(context.stderr, context, globals);
  let lanes: readonly Lane[] = [];
  let isStopping = false;
  /** The budget of the run that was used up last. */
  let closure: Closure | null = null;
  /** When a call last came to its end, or none was in flight. */
  let silentSince = clock.now();
  let cancel: CancelTimer = () => {};
  let drawing: Promise<void> = Promise.resolve();

  const draw = async (): Promise<void> => {
    const look = await lookAt(store, run, true);
    if (flying(lanes) === 0) silentSince = clock.now();
    const activity = isStopping
      ? stoppingWith(flying(lanes))
      : await workActivity(lanes, clock, look, closure, silentSince);
    display?.draw(sightOf(look, activity));
  };
  const drawLater = (): void => {
    if (!display) return;
    cancel = clock.timer(clock.now() + display.everyMs, () => {
      // A figure that can't be read now is read the next time; what is wrong with the database the drain tells.
      drawing = draw().then(drawLater, drawLater);
    });
  };
  drawLater();

  return {
    see(news) {
      if (news.type === "stopping") isStopping = true;
      if (news.type === "recorded") silentSince = clock.now();
      if (news.type === "over_budget" && news.group === null) closure = news.closure;
      const line = eventLine(news, globals.verbose, clock);
      if (line) display?.say(printableLine(line.text), line.tone);
    },
    watch(opened) {
      lanes = opened;
    },
    say(text) {
      if (display) display.say(text);
      else context.stderr.write(`${text}\n`);
    },
    async close() {
      await drawing;
      cancel();
      display?.close();
    },
    abandon(text) {
      display?.say(text);
      display?.close();
    },
  };
}

async function workActivity(
  lanes: readonly Lane[],
  clock: Clock,
  { outlook, status }: Look,
  closure: Closure | null,
  silentSince: number,
): Promise<Activity> {
  const budgetMs = (closure?.until ?? 0) - clock.wall();
  if (closure !== null && budgetMs > 0)
    return { text: `waiting ${waitSpan(budgetMs)}: ${kebab(closure.limit)} is used up`, isHeld: true };
  const now = clock.now();
  const holds = lanes.flatMap(({ endpoint, gate }) => {
    const wait = gate.waitingFor();
    const leftMs = wait?.until == null ? null : Math.max(0, wait.until - now);
    return wait === null ? [] : [{ endpoint, reason: printableLine(wait.reason), leftMs }];
  });
  const inFlight = flying(lanes);
  const retryMs = inFlight === 0 && outlook.left > 0 ? await untilRetry(lanes, clock) : null;
  const isIdle = retryMs === null && lanes.length > 0 && !lanes.some((lane) => lane.isBusy);
  const elsewhere = isIdle ? status.jobs.running : 0;
  const silentMs = now - silentSince;
  return activityOf({ endpoints: lanes.length, holds, inFlight, silentMs, retryMs, elsewhere });
}

async function untilRetry(lanes: readonly Lane[], clock: Clock): Promise<number | null> {
  const times = await Promise.all(lanes.map((lane) => lane.nextAvailableAt(NO_GROUPS)));
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known) - clock.wall();
}

function flying(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { gate }) => sum + gate.limiterView().concurrency.inFlight, 0);
}
