import tty from "node:tty";
import { type StopSignal, stopReason } from "../../domain/stop-reason.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StopSwitch } from "../../scheduler/stop.ts";

const SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const STREAMS = [0, 1, 2];

/** `timeout` sends SIGTERM twice, to the process and to its group: within so long the two count as one. */
const ONE_WISH_MS = 500;

/**
 * The first signal stops the run in good order, a second one ends the process at once; what is in flight then is in doubt, and
 * taken back by the next start. A SIGHUP never counts as the second one: a terminal that is closed sends it, and its shell sends it
 * again.
 * @returns takes the handlers away again
 */
export function stopOnSignals(
  stop: StopSwitch,
  clock: Pick<Clock, "now">,
  abandon: (text: string) => void,
): () => void {
  let firstAt: number | null = null;
  return onSignals((name) => {
    const now = clock.now();
    if (name === "SIGTERM" && firstAt !== null && now - firstAt < ONE_WISH_MS) return;
    if (firstAt !== null && name !== "SIGHUP") {
      abandon(
        "stopped at once; the calls in flight are in doubt and will be sent again by `llm-batch resume`",
      );
      process.exit(stopReason.signal(name).exitCode);
    }
    firstAt ??= now;
    stop.stop(stopReason.signal(name));
  });
}

/**
 * Ends the process at the first signal: for work that leaves nothing to finish.
 * @param leave says the last words
 * @returns takes the handlers away again
 */
export function exitOnSignals(leave: (signal: string) => void): () => void {
  return onSignals((name) => {
    leave(name);
    process.exit(stopReason.signal(name).exitCode);
  });
}

/** Node undoes what nohup has set, so SIGHUP is ignored here where the process has no terminal. */
function onSignals(act: (name: StopSignal) => void): () => void {
  const hasTerminal = STREAMS.some((stream) => tty.isatty(stream));
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => {
      if (name !== "SIGHUP" || hasTerminal) act(name);
    };
    process.on(name, handler);
    return { name, handler };
  });
  return () => {
    for (const { name, handler } of handlers) process.off(name, handler);
  };
}

/** Waits for the signal that ends a server. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const restore = onSignals(() => {
      restore();
      resolve();
    });
  });
}
