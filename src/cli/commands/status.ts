import { ExitCode } from "../../domain/errors.ts";
import { type RunStatus, runStatus } from "../../observe/status.ts";
import { StopSwitch } from "../../scheduler/stop.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../printable.ts";
import { Bar } from "../progress/bar.ts";
import { PlainLines } from "../progress/plain-lines.ts";
import type { Display } from "../progress/progress.ts";
import { statusLine } from "../progress/status-line.ts";
import { findRun, withReader } from "../session.ts";
import { stopOnSignals } from "../signals.ts";
import { statusText } from "../status-text.ts";

const WATCH_EVERY_MS = 1_000;

/** `llm-batch status`: the figures of a run; with `--watch` again every second until it no longer runs. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const read = async (): Promise<RunStatus> =>
      runStatus(store, (await store.findRun({ id: run.id })) ?? run, false);
    const stop = new StopSwitch();
    if (flags.watch) await watch(invocation, read, stop);
    const status = await read();
    context.stdout.write(globals.json ? `${JSON.stringify(status)}\n` : statusText(status));
    return stop.reason?.exitCode ?? ExitCode.ok;
  });
}

/** Shows a run until it no longer runs, or a signal comes, and leaves the terminal as it was. */
async function watch(
  { context, globals }: Invocation,
  read: () => Promise<RunStatus>,
  stop: StopSwitch,
): Promise<void> {
  const { clock, stdout } = context;
  const onScreen = stdout.isTTY && !globals.json && globals.progress !== "plain";
  const display = onScreen ? new Bar(stdout) : new PlainLines(stdout);
  const restoreSignals = stopOnSignals(stop, () => display.close());
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
    for (let status = await read(); status.state === "running" && !stop.reason; status = await read()) {
      draw(display, status, globals.json);
      await pause();
    }
  } finally {
    display.close();
    restoreSignals();
  }
}

function draw(display: Display, status: RunStatus, json: boolean): void {
  const { succeeded, failed, cancelled, total } = status.jobs;
  const line = json ? JSON.stringify(status) : printableLine(statusLine(status, null));
  display.draw(succeeded + failed + cancelled, total, line);
}
