import { LIMITS } from "../../control/budget-limit.ts";
import { formatDuration } from "../../domain/duration.ts";
import type { Ending } from "../../domain/ending.ts";
import { kebab } from "../../domain/kebab.ts";
import { usdText } from "../../domain/nano-usd.ts";
import type { LaneNews, LearnedQuota } from "../../observe/events/lane-news.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import { compact } from "./status-line.ts";
import { WAIT_WORDS } from "./wait-text.ts";

type GateNews = Extract<RunEvent, { type: "gate" }>["event"];
type Waiting = Extract<LaneNews, { type: "waiting" }>;

/** What of a drain deserves a line of its own; null for the rest, which the figures show. */
export function eventLine(event: RunEvent | LaneNews, verbose: boolean, clock: Clock): string | null {
  switch (event.type) {
    case "rescued": {
      const { jobs, inDoubtAtMost } = event.rescue;
      const doubt = `at most ${inDoubtAtMost} calls are in doubt${doubtText(event)}`;
      return `a process that died had ${jobs} rows in hand: taken back; ${doubt}`;
    }
    case "stopping":
      return event.inFlight > 0
        ? `${event.reason.message}: waiting for up to ${event.inFlight} calls in flight; interrupt again to stop at once`
        : event.reason.message;
    case "gate":
      return gateLine(event.endpoint, event.event, verbose, clock);
    case "superseded":
      return `${event.ending.job.key}: an answer came after the row was cancelled or taken over; it is kept with its attempts`;
    case "forgiven":
      return verbose ? `${event.failures} failures were the outage's and are not counted` : null;
    case "over_budget":
      return budgetLine(event);
    case "group_failed":
      return `${event.rows} rows of group ${JSON.stringify(event.group)} have failed: it is over its budget`;
    case "recorded":
      return verbose && event.ending.outcome.kind !== "succeeded" ? failureLine(event.ending, clock) : null;
    case "waiting":
      return verbose ? waitLine(event, clock) : null;
    case "quota":
      return verbose ? `${quotaText(event.quota)}: ${event.endpoint}` : null;
  }
}

function budgetLine({ group, closure }: Extract<RunEvent, { type: "over_budget" }>): string {
  const { limit, used, most, until } = closure;
  const figure = LIMITS[limit].measure === "nanoUsd" ? usdText : compact;
  const whose = group === null ? "" : ` of group ${JSON.stringify(group)}`;
  const next = until === null ? "nothing more of it is sent" : `going on at ${new Date(until).toISOString()}`;
  return `budget${whose} used up: ${figure(used)} of ${kebab(limit)} ${figure(most)}: ${next}`;
}

/** What the calls in doubt may have used; an answer whose length nothing bounds is estimated as 0. */
function doubtText({ rescue: { inDoubt }, mostNanoUsd }: Extract<RunEvent, { type: "rescued" }>): string {
  const input = inDoubt.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
  const output = inDoubt.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  if (input === 0) return "";
  const answers = output > 0 ? `${compact(output)} out` : "answers of any length";
  const cost = mostNanoUsd === null ? "" : `, ${usdText(mostNanoUsd)}`;
  return `, of no more than ${compact(input)} tokens in, ${answers}${cost}`;
}

/** Without the provider's message, which may repeat the prompt: `llm-batch show` has it. */
function failureLine({ job, outcome, decision }: Ending, clock: Clock): string {
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
function waitLine({ reason, until, endpoint }: Waiting, clock: Clock): string | null {
  if (reason === "breaker") return null;
  const leftMs = until === null ? 0 : until - clock.now();
  const how = leftMs >= PACING_MS ? `waiting ${formatDuration(leftMs)}` : "held back";
  return `${how}: ${WAIT_WORDS[reason]}: ${endpoint}`;
}

const DIMENSION_WORDS: Readonly<Record<LearnedQuota["dimension"], string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

function quotaText({ dimension, per, limit, source }: LearnedQuota): string {
  const how = source === "headers" ? "limit read from headers" : "limit learned from refusals";
  return `${how}: ${compact(limit)} ${DIMENSION_WORDS[dimension]} a ${per}`;
}

function gateLine(endpoint: string, news: GateNews, verbose: boolean, clock: Clock): string | null {
  const left = (until: number): string => formatDuration(Math.max(0, until - clock.now()));
  switch (news.type) {
    case "opened":
      return `breaker open for ${left(news.until)}: ${endpoint}: ${news.reason}`;
    case "half-open":
      return `breaker half-open, probing: ${endpoint}`;
    case "ramping":
      return `breaker ramping up: ${endpoint}`;
    case "closed":
      return `breaker closed: ${endpoint}`;
    case "blocked":
      return `breaker blocked: ${endpoint}: ${news.message}`;
    case "exhausted":
      return `quota used up, going on at ${new Date(clock.wall() + news.until - clock.now()).toISOString()}: ${endpoint}`;
    case "throttled":
      return verbose ? `refused by a rate limit, waiting ${left(news.until)}: ${endpoint}` : null;
    default:
      return null;
  }
}
