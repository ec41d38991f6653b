import { LIMITS } from "../../control/budget/limit.ts";
import { formatDuration } from "../../domain/duration.ts";
import type { Ending } from "../../domain/ending.ts";
import { ExitCode } from "../../domain/errors.ts";
import { kebab } from "../../domain/kebab.ts";
import { usdText } from "../../domain/nano-usd.ts";
import type { LaneNews, LearnedQuota } from "../../observe/events/lane-news.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import { type Span, span } from "../text/line.ts";
import { mostTokens } from "../text/most-tokens.ts";
import { compact, counted, grouped } from "../text/numbers.ts";
import { comingText, waitSpan } from "../text/times.ts";
import { LONG_REFUSAL_MS, WAIT_WORDS } from "./wait-text.ts";

type GateNews = Extract<RunEvent, { type: "gate" }>["event"];
type Waiting = Extract<LaneNews, { type: "waiting" }>;

/** The line for an event of a drain; null for events that the figures show. */
export function eventLine(event: RunEvent | LaneNews, verbose: boolean, clock: Clock): Span | null {
  switch (event.type) {
    case "rescued":
      return span(rescueText(event), "notable");
    case "stopping":
      // With nothing in flight, the summary comes at once and says why.
      return event.inFlight === 0 ? null : span(stoppingText(event), "notable");
    case "gate":
      return gateLine(event.endpoint, event.event, verbose, clock);
    case "superseded":
      return span(
        `${event.ending.job.key}: an answer came after the row was cancelled or taken over; it is kept with its attempts`,
      );
    case "spooled":
    case "recovered":
      // The store says it once, for all of them.
      return null;
    case "over_budget":
      return span(budgetText(event, clock), "notable");
    case "group_failed": {
      const group = JSON.stringify(event.group);
      return span(`${counted(event.rows, "row")} of group ${group} failed: it is over its budget`, "bad");
    }
    default:
      return verbose ? detailLine(event, clock) : null;
  }
}

/** For `-v`. */
function detailLine(
  event: Extract<RunEvent | LaneNews, { type: "forgiven" | "recorded" | "waiting" | "quota" }>,
  clock: Clock,
): Span | null {
  switch (event.type) {
    case "forgiven":
      return span(`${counted(event.failures, "failure was", "failures were")} the outage's: not counted`);
    case "recorded":
      return event.ending.outcome.kind === "succeeded" ? null : span(failureText(event.ending, clock));
    case "waiting":
      return waitLine(event, clock);
    case "quota":
      return span(`${quotaText(event.quota)}: ${event.endpoint}`);
  }
}

function rescueText(event: Extract<RunEvent, { type: "rescued" }>): string {
  const { jobs, inDoubtAtMost } = event.rescue;
  const doubt = `at most ${counted(inDoubtAtMost, "call is", "calls are")} in doubt${doubtText(event)}`;
  return `a process that died had ${counted(jobs, "row")} in hand: taken back; ${doubt}`;
}

function stoppingText({ reason, inFlight }: Extract<RunEvent, { type: "stopping" }>): string {
  // The breaker's event has said why, and the summary will.
  const why = reason.exitCode === ExitCode.providerUnusable ? "nothing more is sent" : reason.message;
  return `${why}: waiting for up to ${counted(inFlight, "call")} in flight; interrupt again to stop at once`;
}

function budgetText({ group, closure }: Extract<RunEvent, { type: "over_budget" }>, clock: Clock): string {
  const { limit, used, most, until } = closure;
  const figure = LIMITS[limit].measure === "nanoUsd" ? usdText : compact;
  const whose = group === null ? "" : ` of group ${JSON.stringify(group)}`;
  const closed = group === null ? "nothing more is sent" : "nothing more of it is sent";
  const next = until === null ? closed : `going on at ${comingText(until, clock.wall())}`;
  return `budget${whose} used up: ${figure(used)} of ${kebab(limit)} ${figure(most)}: ${next}`;
}

/** What the calls in doubt may have used. */
function doubtText({ rescue: { inDoubt }, mostNanoUsd }: Extract<RunEvent, { type: "rescued" }>): string {
  const input = inDoubt.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
  const output = inDoubt.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  if (input === 0) return "";
  const cost = mostNanoUsd === null ? "" : `, ${usdText(mostNanoUsd)}`;
  return `, of ${mostTokens(input, output)}${cost}`;
}

/** Without the provider's message, which may repeat the prompt: `llm-batch show` has it. */
function failureText({ job, outcome, decision }: Ending, clock: Clock): string {
  const status = outcome.httpStatus === null ? "" : ` (HTTP ${outcome.httpStatus})`;
  return `${job.key} attempt ${job.attempt}: ${outcome.code}${status}: ${nextText(decision, clock)}`;
}

function nextText({ state, availableAt }: Ending["decision"], clock: Clock): string {
  if (state === "failed") return "failed for good";
  const waitMs = availableAt - clock.wall();
  return waitMs > 0 ? `again in ${formatDuration(waitMs)}` : "again as soon as it may be sent";
}

/** Shorter waits come one after the other: how long this one takes says nothing. */
const PACING_MS = 500;

/** The breaker's waits are told by its steps. */
function waitLine({ reason, until, endpoint }: Waiting, clock: Clock): Span | null {
  if (reason === "breaker") return null;
  const leftMs = until === null ? 0 : until - clock.now();
  const how = leftMs >= PACING_MS ? `waiting ${formatDuration(leftMs)}` : "held back";
  return span(`${how}: ${WAIT_WORDS[reason]}: ${endpoint}`);
}

const DIMENSION_WORDS: Readonly<Record<LearnedQuota["dimension"], string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

function quotaText({ dimension, per, limit, source }: LearnedQuota): string {
  const how = source === "headers" ? "limit read from headers" : "limit learned from refusals";
  return `${how}: ${limit < 100_000 ? grouped(limit) : compact(limit)} ${DIMENSION_WORDS[dimension]} a ${per}`;
}

function gateLine(endpoint: string, news: GateNews, verbose: boolean, clock: Clock): Span | null {
  const left = (until: number): string => waitSpan(until - clock.now());
  const at = (until: number): string => comingText(clock.wall() + until - clock.now(), clock.wall());
  switch (news.type) {
    case "opened":
      return span(`breaker open for ${left(news.until)}: ${endpoint}: ${news.reason}`, "bad");
    case "half-open":
      return span(`breaker half-open, probing: ${endpoint}`, "notable");
    case "ramping":
      return span(`breaker ramping up: ${endpoint}`, "notable");
    case "closed":
      return span(`breaker closed: ${endpoint}`, "good");
    case "blocked":
      return span(`breaker blocked: ${endpoint}: ${news.message}`, "bad");
    case "exhausted":
      return span(`quota used up, going on at ${at(news.until)}: ${endpoint}`, "notable");
    case "spent":
      return span(`daily quota used up, going on at ${at(news.until)}: ${endpoint}`, "notable");
    case "throttled":
      if (news.until - clock.now() > LONG_REFUSAL_MS)
        return span(`refused by a rate limit, going on at ${at(news.until)}: ${endpoint}`, "notable");
      return verbose ? span(`refused by a rate limit, waiting ${left(news.until)}: ${endpoint}`) : null;
    default:
      return null;
  }
}
