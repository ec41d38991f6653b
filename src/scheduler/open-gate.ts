import { Gate } from "../control/gate.ts";
import type { GateEvent } from "../control/gate-event.ts";
import { Limiter } from "../control/limiter/limiter.ts";
import { readShared } from "../control/shared/state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import type { Outlet } from "./outlet.ts";

interface GateContext {
  store: Store;
  clock: Clock;
  random: Random;
  /** Of this process, among those that share the quota. */
  name: string;
  onEvent(event: GateEvent): void;
}

/** An outlet's limiter and breaker, going on from where this process or another left them. */
export async function openGate(
  { provider, limits, charging, breaker, concurrency }: Outlet,
  { store, clock, random, name, onEvent }: GateContext,
): Promise<Gate> {
  const saved = await store.updateEndpoint(provider.endpoint, (state) => state);
  const limiter = new Limiter(limits, {
    now: clock.now(),
    wall: clock.wall(),
    profile: charging,
    maxConcurrency: concurrency,
    random,
    saved: readShared(saved)?.limiter ?? null,
  });
  return new Gate({ clock, random, limiter, breaker, saved, name, maxConcurrency: concurrency, onEvent });
}
