import type { Run } from "../../domain/run.ts";
import type { LaneNews } from "../../observe/events/lane-news.ts";
import { lookAt } from "../../observe/status.ts";
import type { CancelTimer } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { BudgetWatch } from "../../scheduler/budget-watch.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { CliContext, GlobalOptions } from "../context.ts";
import { printableLine } from "../text/printable.ts";
import { chooseDisplay } from "./choose-display.ts";
import type { Display } from "./display.ts";
import { eventLine } from "./event-line.ts";
import { RUN_FORMS } from "./run-forms.ts";
import { type Sight, sightOf } from "./sight.ts";
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
export async function startProgress(options: ProgressOptions): Promise<Progress> {
  const { context, globals } = options;
  const progress = new RunProgress(options, await chooseDisplay(context.stderr, context, globals, RUN_FORMS));
  progress.drawLater();
  return progress;
}

class RunProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #display: Display<Sight> | null;
  #work: Work = { lanes: [], budget: null };
  #isStopping = false;
  /** When a call last came to its end, or none was in flight. */
  #silentSince: number;
  #cancel: CancelTimer = () => {};
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: ProgressOptions, display: Display<Sight> | null) {
    this.#options = options;
    this.#display = display;
    this.#silentSince = options.context.clock.now();
  }

  see(news: RunEvent | LaneNews): void {
    const { context, globals } = this.#options;
    if (news.type === "stopping") this.#isStopping = true;
    if (news.type === "recorded") this.#silentSince = context.clock.now();
    const line = eventLine(news, globals.verbose, context.clock);
    if (line) this.#display?.say(printableLine(line.text), line.tone);
  }

  watch(lanes: readonly Lane[], budget: BudgetWatch): void {
    this.#work = { lanes, budget };
  }

  say(text: string): void {
    if (this.#display) this.#display.say(text);
    else this.#options.context.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await this.#drawing;
    this.#cancel();
    this.#display?.close();
  }

  abandon(text: string): void {
    this.#display?.say(text);
    this.#display?.close();
  }

  drawLater(): void {
    if (!this.#display) return;
    const { clock } = this.#options.context;
    const again = (): void => this.drawLater();
    this.#cancel = clock.timer(clock.now() + this.#display.everyMs, () => {
      // A figure that can't be read now is read the next time. If the database fails, the drain says so.
      this.#drawing = this.#draw().then(again, again);
    });
  }

  async #draw(): Promise<void> {
    const { store, run, context } = this.#options;
    const { clock } = context;
    const look = await lookAt(store, run, true);
    const calls = flying(this.#work.lanes);
    if (calls === 0) this.#silentSince = clock.now();
    const activity = this.#isStopping
      ? stoppingWith(calls)
      : await workActivity(this.#work, clock, look, this.#silentSince);
    this.#display?.draw(sightOf(look, activity));
  }
}
