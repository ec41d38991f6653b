import type { StoredBreaker } from "../breaker/stored.ts";
import type { LimiterState } from "../limiter/state.ts";
import type { Shares } from "./shares.ts";

/** What processes on one database share of an endpoint, and what outlives them. */
export interface SharedState {
  readonly breaker: StoredBreaker;
  readonly limiter: LimiterState;
  /** Who holds how much of the quota. */
  readonly shares: Shares;
}

interface Envelope extends SharedState {
  readonly version: number;
}

/** Raised whenever the form changes: an older form is forgotten, which costs a few probes. */
const VERSION = 1;

/** Reads what {@link writeShared} wrote; null for nothing, or for another version's form. */
export function readShared(text: string | null): SharedState | null {
  if (text === null) return null;
  const envelope = JSON.parse(text) as Envelope;
  return envelope.version === VERSION ? envelope : null;
}

export function writeShared({ breaker, limiter, shares }: SharedState): string {
  return JSON.stringify({ version: VERSION, breaker, limiter, shares } satisfies Envelope);
}
