import type { Closure } from "../../control/budget/account.ts";
import { usedUpQuota } from "../../control/shared/limiter.ts";
import { formatDuration } from "../../domain/duration.ts";
import { kebab } from "../../domain/kebab.ts";
import type { Outlook } from "../../observe/eta.ts";
import type { Look } from "../../observe/status.ts";
import { counted } from "../text/numbers.ts";
import { printableLine } from "../text/printable.ts";
import { waitSpan } from "../text/times.ts";
import type { Activity } from "./sight.ts";

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

/** From when on the time without an answer is shown. Slow models take minutes, so it isn't called a fault. */
const LONG_SILENCE_MS = 60_000;

/** Reasons that need no words, as the number of calls in flight shows them. */
const SELF_EVIDENT: readonly string[] = ["concurrency", "startup"];
/** Shorter waits are the ordinary pacing of calls. */
const WORTH_TELLING_MS = 1_000;
/** A refusal for longer is no ordinary pacing: it has a line of its own. */
export const LONG_REFUSAL_MS = 60_000;

/** What holds the next call of an endpoint back. */
export interface Hold {
  endpoint: string;
  reason: string;
  /** Until when, in milliseconds from now; null where only the end of a call, or somebody's act, can free it. */
  leftMs: number | null;
}

export interface Stand {
  /** Endpoints that the run sends to. */
  endpoints: number;
  /** Those whose next call is held back. */
  holds: readonly Hold[];
  inFlight: number;
  /** Since a call came to its end, or the first one was sent. */
  silentMs: number;
  /** Until the first row is to be sent again, where nothing else is left to do; else null. */
  retryMs: number | null;
  /** Rows that other processes have in hand, where nothing else is left to do; else 0. */
  elsewhere: number;
}

/** What the run does now, e.g. `waiting 12s: token quota`, or `breaker open, next probe in 4s`. */
export function activityOf({ endpoints, holds, inFlight, silentMs, retryMs, elsewhere }: Stand): Activity {
  const stops = holds.filter(isStop);
  if (stops.length > 0 && stops.length === endpoints) return { text: stopText(soonest(stops)), isHeld: true };
  if (inFlight === 0 && retryMs !== null && retryMs > 0)
    return { text: `waiting ${waitSpan(retryMs)}: backoff before the next try`, isHeld: true };
  if (elsewhere > 0)
    return { text: `waiting: another process has ${counted(elsewhere, "row")} in hand`, isHeld: true };
  const pacing = holds.find((hold) => !isStop(hold) && !SELF_EVIDENT.includes(hold.reason));
  const silence =
    inFlight > 0 && silentMs >= LONG_SILENCE_MS
      ? `, no answer for ${formatDuration(wholeSeconds(silentMs))}`
      : "";
  const flying = `${counted(inFlight, "call")} in flight${silence}`;
  const parts = [
    pacing ? `${flying}, paced by ${paceText(pacing.reason)}` : flying,
    ...stops.map((stop) => `${shortName(stop.endpoint)}: ${stopText(stop)}`),
  ];
  return { text: parts.join("; "), isHeld: false };
}

/**
 * What a run does while nothing of it may be sent until an hour or a day is over.
 * @param closures what is used up, by the group; null stands for the whole run
 */
export function budgetWait(closures: ReadonlyMap<string | null, Closure>, wallMs: number): Activity {
  const leftMs = Math.min(...[...closures.values()].map(({ until }) => until! - wallMs));
  return { text: `waiting ${waitSpan(leftMs)}: ${usedUpText([...closures])}`, isHeld: true };
}

function usedUpText([first, ...others]: readonly (readonly [string | null, Closure])[]): string {
  if (others.length > 0) return `the budgets of ${counted(others.length + 1, "group")} are used up`;
  const [group, { limit }] = first!;
  return `${kebab(limit)}${group === null ? "" : ` of group ${printableLine(JSON.stringify(group))}`} is used up`;
}

/** As `activityOf`, as far as a process that doesn't work on the run can tell from what is stored. */
export function activityFrom({ status, outlook, endpoints }: Look, wallMs: number): Activity {
  if (status.state === "importing") return { text: "its rows are being imported", isHeld: true };
  const holds = endpoints.flatMap(({ endpoint, breaker, blockedUntil, quotas }) => {
    const { state, retryAt, reason } = breaker;
    if (state === "blocked") return [{ endpoint, reason: reason ?? "by hand", leftMs: null }];
    if (state !== "closed")
      return [{ endpoint, reason: `breaker ${state}`, leftMs: untilOf(retryAt, wallMs) }];
    const leftMs = untilOf(blockedUntil, wallMs);
    if (leftMs !== null && leftMs > 0) return [{ endpoint, reason: "throttled", leftMs }];
    const usedUp = usedUpQuota(quotas, wallMs);
    return usedUp === null ? [] : [{ endpoint, reason: usedUp.reason, leftMs: usedUp.until - wallMs }];
  });
  const { text, isHeld } = activityOf({
    endpoints: endpoints.length,
    holds,
    inFlight: 0,
    silentMs: 0,
    retryMs: null,
    elsewhere: 0,
  });
  if (isHeld) return { text, isHeld };
  const { attempts, jobs } = status;
  if (jobs.running === 0 && jobs.pending > 0 && attempts.total > 0)
    return { text: idleText(outlook), isHeld: true };
  return { text: `${counted(jobs.running, "row")} in hand`, isHeld };
}

/** What all rows wait for, though calls could go out. */
function idleText({ holdMs, rations }: Outlook): string {
  const resets = rations.flatMap(({ left, resetMs }) => (left <= 0 && resetMs !== null ? [resetMs] : []));
  if (resets.length > 0) return `waiting ${waitSpan(Math.max(...resets))}: a budget is used up`;
  if (holdMs !== null && holdMs > 0) return `waiting ${waitSpan(holdMs)}: backoff before the next try`;
  return "waiting: for the budgets of their groups, or for their next try";
}

/** What a run does that takes no more rows. */
export function stoppingWith(inFlight: number): Activity {
  const flying = `${counted(inFlight, "call")} in flight`;
  return { text: `stopping: ${flying} may finish; Ctrl-C again ends at once`, isHeld: true };
}

const wholeSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

function untilOf(at: number | null, wallMs: number): number | null {
  return at === null ? null : Math.max(0, at - wallMs);
}

/** Whether nothing goes out for a while, or nobody knows for how long. */
function isStop({ reason, leftMs }: Hold): boolean {
  if (SELF_EVIDENT.includes(reason)) return false;
  return reason === "share" || WAIT_WORDS[reason] === undefined || (leftMs ?? 0) >= WORTH_TELLING_MS;
}

function paceText(reason: string): string {
  return reason === "throttled" ? "refusals" : `the ${WAIT_WORDS[reason] ?? reason}`;
}

function stopText({ reason, leftMs }: Hold): string {
  if (reason === "breaker open") return `${reason}, next probe in ${waitSpan(leftMs ?? 0)}`;
  if (reason === "breaker half-open") return "breaker half-open, probing";
  if (reason === "breaker ramping") return "breaker ramping up";
  const words = WAIT_WORDS[reason];
  if (words === undefined) return `blocked: ${reason}`;
  return leftMs === null ? `waiting: ${words}` : `waiting ${waitSpan(leftMs)}: ${words}`;
}

function soonest(holds: readonly Hold[]): Hold {
  const at = ({ leftMs }: Hold): number => leftMs ?? Number.POSITIVE_INFINITY;
  return holds.reduce((first, hold) => (at(hold) < at(first) ? hold : first));
}

/** Without scheme and key. */
function shortName(endpoint: string): string {
  return endpoint.replace(/^https?:\/\//, "").replace(/ key:\S+$/, "");
}
