import type { Run } from "../../domain/run.ts";
import type { LaneNews } from "../../observe/events/lane-news.ts";
import { runStatus } from "../../observe/status.ts";
import type { CancelTimer } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { CliContext, GlobalOptions } from "../context.ts";
import { printableLine } from "../printable.ts";
import { Bar } from "./bar.ts";
import { eventLine } from "./event-line.ts";
import { PlainLines } from "./plain-lines.ts";
import { statusLine } from "./status-line.ts";
import { waitText } from "./wait-text.ts";

/** A way to show a run in motion. */
export interface Display {
  readonly everyMs: number;
  draw(done: number, total: number, line: string): void;
  /** A line that stays. */
  say(text: string): void;
  close(): void;
}

/** What a drain's events and figures look like to the user. */
export interface Progress {
  see(news: RunEvent | LaneNews): void;
  watch(lanes: readonly Lane[]): void;
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
export function startProgress({ context, globals, store, run }: ProgressOptions): Progress {
  const { clock } = context;
  const display = chooseDisplay(context, globals);
  let lanes: readonly Lane[] = [];
  let cancel: CancelTimer = () => {};
  let drawing: Promise<void> = Promise.resolve();

  const draw = async (): Promise<void> => {
    const status = await runStatus(store, run, true);
    const { succeeded, failed, cancelled, total } = status.jobs;
    const line = statusLine(status, waitText(lanes, clock));
    display?.draw(succeeded + failed + cancelled, total, printableLine(line));
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
      const line = eventLine(news, globals.verbose, clock);
      if (line) display?.say(printableLine(line));
    },
    watch(opened) {
      lanes = opened;
    },
    async close() {
      await drawing;
      cancel();
      if (display instanceof Bar) await draw();
      display?.close();
    },
    abandon(text) {
      display?.say(text);
      display?.close();
    },
  };
}

function chooseDisplay({ stderr }: CliContext, { progress, quiet }: GlobalOptions): Display | null {
  if (quiet || progress === "none") return null;
  const bar = progress === "bar" || (progress === "auto" && stderr.isTTY);
  return bar && stderr.isTTY ? new Bar(stderr) : new PlainLines(stderr);
}
