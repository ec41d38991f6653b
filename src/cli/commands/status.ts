import { ExitCode } from "../../domain/errors.ts";
import { type RunStatus, runStatus } from "../../observe/status.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Invocation } from "../context.ts";
import { statusLine } from "../progress/status-line.ts";
import { findRun, withReader } from "../session.ts";
import { statusText } from "../status-text.ts";

const WATCH_EVERY_MS = 1_000;

/** `llm-batch status`: the figures of a run; with `--watch` again every second until it no longer runs. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { clock, stdout } = context;
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const read = async (): Promise<RunStatus> =>
      runStatus(store, (await store.findRun({ id: run.id })) ?? run, false);
    let status = await read();
    while (flags.watch && status.state === "running") {
      stdout.write(globals.json ? `${JSON.stringify(status)}\n` : `${statusLine(status, null)}\n`);
      await pause(clock, WATCH_EVERY_MS);
      status = await read();
    }
    stdout.write(globals.json ? `${JSON.stringify(status)}\n` : statusText(status));
    return ExitCode.ok;
  });
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.timer(clock.now() + ms, resolve));
}
