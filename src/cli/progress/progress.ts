import type { Run } from "../../domain/run.ts";
import type { LaneNews } from "../../observe/events/lane-news.ts";
import { lookAt } from "../../observe/status.ts";
import type { CancelTimer } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { BudgetWatch } from "../../scheduler/budget-watch.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { CliContext, GlobalOptions } from "../context.ts";
import { printableLine } from "../printable.ts";
import { chooseDisplay } from "./choose-display.ts";
import { eventLine } from "./event-line.ts";
import { RUN_FORMS } from "./run-forms.ts";
import { sightOf } from "./sight.ts";
import { stoppingWith } from "./wait-text.ts";
import { flying, type Work, workActivity } from "./work-activity.ts";

/** What a drain's events and figures look like to the user. */
export interface Progress {
  see(news: RunEvent | LaneNews): void;
  watch(lanes: readonly Lane[], budget: BudgetWatch): void;
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
  const display = await chooseDisplay(context.stderr, context, globals, RUN_FORMS);
  let work: Work = { lanes: [], budget: null };
  let isStopping = false;
  /** When a call last came to its end, or none was in flight. */
  let silentSince = clock.now();
  let cancel: CancelTimer = () => {};
  let drawing: Promise<void> = Promise.resolve();

  const draw = async (): Promise<void> => {
    const look = await lookAt(store, run, true);
    if (flying(work.lanes) === 0) silentSince = clock.now();
    const activity = isStopping
      ? stoppingWith(flying(work.lanes))
      : await workActivity(work, clock, look, silentSince);
    display?.draw(sightOf(look, activity));
  };
  const drawLater = (): void => {
    if (!display) return;
    cancel = clock.timer(clock.now() + display.everyMs, () => {
      // A figure that can't be read now is read the next time. If the database fails, the drain says so.
      drawing = draw().then(drawLater, drawLater);
    });
  };
  drawLater();

  return {
    see(news) {
      if (news.type === "stopping") isStopping = true;
      if (news.type === "recorded") silentSince = clock.now();
      const line = eventLine(news, globals.verbose, clock);
      if (line) display?.say(printableLine(line.text), line.tone);
    },
    watch(lanes, budget) {
      work = { lanes, budget };
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
