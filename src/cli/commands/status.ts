import { ExitCode } from "../../domain/errors.ts";
import { type Look, lookAt, type RunStatus } from "../../observe/status.ts";
import { StopSwitch } from "../../scheduler/stop.ts";
import type { Invocation } from "../context.ts";
import { chooseDisplay } from "../progress/choose-display.ts";
import { RUN_FORMS } from "../progress/run-forms.ts";
import { sightOf } from "../progress/sight.ts";
import { activityFrom } from "../progress/wait-text.ts";
import { endAhead } from "../session/advice.ts";
import { findRun } from "../session/find-run.ts";
import { withReader } from "../session/open-database.ts";
import { stopOnSignals } from "../session/signals.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { statusLines } from "../text/status-text.ts";

const WATCH_EVERY_MS = 1_000;
/** States that pass by themselves. */
const MOVING: readonly RunStatus["state"][] = ["importing", "running"];

/** `llm-batch status`: the figures of a run; with `--watch` again every second until no process works on it. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { stdout, clock } = context;
  return withReader(invocation, async (store) => {
    let run = await findRun(store, args[0], globals.db);
    const look = async (): Promise<Look> => {
      run = (await store.findRun({ id: run.id })) ?? run;
      return lookAt(store, run, false);
    };
    const stop = new StopSwitch();
    if (flags.watch) await watch(invocation, look, stop);
    const last = await look();
    if (globals.json) stdout.write(`${JSON.stringify(last.status)}\n`);
    else {
      const end = last.status.state === "stopped" ? await endAhead(invocation, store, run) : null;
      const told = { run, look: last, end, flags: globals.sameFlags };
      printLines(stdout, statusLines(told, clock.wall(), windowOf(stdout)), context, globals);
    }
    return stop.reason?.exitCode ?? ExitCode.ok;
  });
}

/** Shows a run until no process works on it or a signal comes, and leaves the terminal as it was. */
async function watch(
  { context, globals }: Invocation,
  read: () => Promise<Look>,
  stop: StopSwitch,
): Promise<void> {
  const { clock, stdout } = context;
  const display = globals.json ? null : await chooseDisplay(stdout, context, globals, RUN_FORMS);
  const restoreSignals = stopOnSignals(stop, clock, () => display?.close());
  const draw = (look: Look): void => {
    if (globals.json) stdout.write(`${JSON.stringify(look.status)}\n`);
    display?.draw(sightOf(look, activityFrom(look, clock.wall())));
  };
  let wake = (): void => {};
  stop.onStop(() => wake());
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.timer(clock.now() + WATCH_EVERY_MS, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  try {
    for (let look = await read(); MOVING.includes(look.status.state) && !stop.reason; look = await read()) {
      draw(look);
      await pause();
    }
  } finally {
    display?.close();
    restoreSignals();
  }
}
