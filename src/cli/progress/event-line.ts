import { formatDuration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunEvent } from "../../scheduler/events.ts";

type GateNews = Extract<RunEvent, { type: "gate" }>["event"];

/** What of a drain deserves a line of its own; null for the rest, which the figures show. */
export function eventLine(event: RunEvent, verbose: boolean, clock: Clock): string | null {
  switch (event.type) {
    case "rescued": {
      const { jobs, inDoubtAtMost } = event.rescue;
      return `a process that died had ${jobs} rows in hand: taken back; at most ${inDoubtAtMost} calls are in doubt`;
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
    case "recorded":
      return verbose && event.ending.outcome.kind !== "succeeded" ? failureLine(event.ending) : null;
  }
}

function failureLine({ job, outcome, decision }: Extract<RunEvent, { type: "recorded" }>["ending"]): string {
  return `${job.key} attempt ${job.attempt}: ${outcome.code}: ${outcome.message} (${decision.state})`;
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
