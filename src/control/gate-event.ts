import type { BreakerEffect } from "./breaker/transitions.ts";

/** What the gate tells as it happens, synchronously, and never from its constructor. */
export type GateEvent =
  | BreakerEffect
  /** A rate limit refused a call, and the limiter sends nothing until then. Told again only when `until` moves on. */
  | { type: "throttled"; until: number }
  /** The same, for a quota that is used up for long. */
  | { type: "exhausted"; until: number }
  /** By our own count a quota of the day is used up: the next call waits until then. Told again only when `until` moves on. */
  | { type: "spent"; until: number };

/** What the next call waits for. `until` is monotonic; null where only the end of a call, or a command, can free it. */
export interface Wait {
  reason: string;
  until: number | null;
}
