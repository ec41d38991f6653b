import { type BreakerCommand, reduce } from "../breaker/breaker.ts";
import { type Moment, restore, store } from "../breaker/stored.ts";
import { type Context, ramp } from "../breaker/transitions.ts";
import { type BreakerView, viewOf } from "../breaker/view.ts";
import { lifted } from "../limiter/throttle.ts";
import { readShared, writeShared } from "./state.ts";

/** What the state that processes share says of the breaker; null where it says nothing. */
export function viewShared(text: string): BreakerView | null {
  const shared = readShared(text);
  return shared && viewOf(shared.breaker.phase);
}

/**
 * The shared state after the breaker was opened, closed or reset by hand; running processes take it over. A reset also ends the wait
 * for a limit that refused calls: the account may have more of it by now.
 */
export function commandShared(text: string, command: BreakerCommand, context: Context): string {
  const shared = readShared(text);
  if (!shared) return text;
  const { state } = reduce(restore(shared.breaker, context), { type: "command", command }, context);
  const limiter =
    command === "reset" ? { ...shared.limiter, throttle: lifted(shared.limiter.throttle) } : shared.limiter;
  return writeShared({ ...shared, limiter, breaker: store(state, context) });
}

/** The shared state of an endpoint that refused its key, account or model, and is to be tried again, by one call first. */
export function triedAgain(text: string, moment: Moment): string {
  const shared = readShared(text);
  const phase = shared?.breaker.phase;
  if (phase?.name !== "blocked" || phase.by === "hand") return text;
  const { state } = ramp(restore(shared!.breaker, moment), 1);
  return writeShared({ ...shared!, breaker: store(state, moment) });
}
