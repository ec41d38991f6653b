import { formatDuration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lane } from "../../scheduler/lane.ts";

/** The limiter's reasons in the user's words. */
export const WAIT_WORDS: Readonly<Record<string, string>> = {
  requests: "request quota",
  tokens: "token quota",
  inputTokens: "input token quota",
  outputTokens: "output token quota",
  requestsPerDay: "daily request quota",
  tokensPerDay: "daily token quota",
  throttled: "refused by a rate limit",
  concurrency: "calls in flight",
  share: "the rest of the quota is held by other processes",
  startup: "finding out how many calls the provider takes at once",
};

/** Shorter waits are the ordinary pacing of calls. */
const WORTH_TELLING_MS = 1_000;

/** What the run is waiting for right now, e.g. `waiting 12s: token quota`; null when it moves along. */
export function waitText(lanes: readonly Lane[], clock: Clock): string | null {
  const now = clock.now();
  const waits = lanes.flatMap((lane) => lane.gate.waitingFor() ?? []);
  const timed = waits.flatMap(({ reason, until }) =>
    until === null ? [] : [{ reason, leftMs: until - now }],
  );
  const [first] = timed
    .filter(({ leftMs }) => leftMs >= WORTH_TELLING_MS)
    .sort((a, b) => a.leftMs - b.leftMs);
  if (first) return `waiting ${formatDuration(first.leftMs)}: ${WAIT_WORDS[first.reason] ?? first.reason}`;
  const breaker = waits.find(({ reason }) => reason.startsWith("breaker"));
  return breaker?.reason ?? null;
}
