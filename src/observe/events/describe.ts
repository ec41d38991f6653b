import { LIMITS } from "../../control/budget/limit.ts";
import type { GateEvent } from "../../control/gate-event.ts";
import type { Ending } from "../../domain/ending.ts";
import { kebab } from "../../domain/kebab.ts";
import { toUsd } from "../../domain/nano-usd.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { RunStatus } from "../status.ts";
import type { EventBody } from "./event.ts";
import type { LaneNews } from "./lane-news.ts";

/** What happens in a drain, but for the ends of calls, as lines of the event stream: none or one. */
export function describeNews(
  news: Exclude<RunEvent, { type: "recorded" }> | LaneNews,
  clock: Clock,
): readonly EventBody[] {
  switch (news.type) {
    case "superseded": {
      const { job, outcome, provider } = news.ending;
      return [{ type: "superseded", id: job.key, attempt: job.attempt, kind: outcome.kind, provider }];
    }
    case "spooled": {
      const { job, outcome, provider } = news.ending;
      return [{ type: "spooled", id: job.key, attempt: job.attempt, kind: outcome.kind, provider }];
    }
    case "recovered":
      return [{ type: "recovered", ...news.recovered }];
    case "gate":
      return describeGate(news.endpoint, news.event, clock);
    case "forgiven":
      return [{ type: "forgiven", failures: news.failures, revived: news.revived }];
    case "rescued": {
      const { jobs, inDoubtAtMost, inDoubt } = news.rescue;
      const tokens = {
        input: inDoubt.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
        output: inDoubt.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
      };
      const cost = news.mostNanoUsd === null ? null : toUsd(news.mostNanoUsd);
      return [
        {
          type: "rescued",
          jobs,
          in_doubt_at_most: inDoubtAtMost,
          tokens_at_most: tokens,
          cost_usd_at_most: cost,
        },
      ];
    }
    case "over_budget":
      return [describeClosure(news)];
    case "group_failed":
      return [{ type: "group_failed", group: news.group, code: news.code, rows: news.rows }];
    case "stopping":
      return [{ type: "stopping", code: news.reason.code, in_flight: news.inFlight }];
    case "waiting":
      return [{ ...news, until: news.until === null ? null : wallTime(news.until, clock) }];
    case "quota":
      return [{ type: "quota", endpoint: news.endpoint, ...news.quota }];
  }
}

/** The figures that a run's progress is told by. */
export function describeProgress(status: RunStatus): EventBody {
  const { jobs, attempts, tokens, cost_usd, rate, eta_seconds } = status;
  return { type: "progress", jobs, attempts, tokens, cost_usd, rate, eta_seconds };
}

/** An endpoint's limits and breaker as they stand. */
export function describeLane({ endpoint, gate }: Pick<Lane, "endpoint" | "gate">): EventBody {
  const { quotas, concurrency, factor } = gate.limiterView();
  return {
    type: "endpoint",
    endpoint,
    breaker: gate.breakerState().state,
    in_flight: concurrency.inFlight,
    in_flight_limit: concurrency.limit,
    factor,
    quotas: quotas.map(({ dimension, per, limit, level }) => ({ dimension, per, limit, level })),
  };
}

/** A call that didn't bring its row to success. */
export function attemptFailed({ job, outcome, decision, timing, provider }: Ending): EventBody {
  return {
    type: "attempt_failed",
    id: job.key,
    attempt: job.attempt,
    kind: outcome.kind,
    code: outcome.code,
    http_status: outcome.httpStatus,
    request_id: outcome.requestId,
    latency_ms: Math.round(timing.latencyMs),
    wait_ms: Math.round(timing.waitMs),
    retry_at: decision.state === "pending" ? iso(decision.availableAt) : null,
    provider,
  };
}

function describeClosure({ group, closure }: Extract<RunEvent, { type: "over_budget" }>): EventBody {
  const { limit, used, most, until } = closure;
  const figure = LIMITS[limit].measure === "nanoUsd" ? toUsd : Number;
  return {
    type: "over_budget",
    group,
    limit: kebab(limit),
    used: figure(used),
    most: figure(most),
    until: until === null ? null : iso(until),
  };
}

/** Lines for a gate's event; none for those that come as another event, `stopping` or `forgiven`. */
function describeGate(endpoint: string, news: GateEvent, clock: Clock): readonly EventBody[] {
  switch (news.type) {
    case "opened":
      return [
        {
          type: "breaker",
          endpoint,
          state: "open",
          reason: news.reason,
          until: wallTime(news.until, clock),
        },
      ];
    case "half-open":
    case "ramping":
    case "closed":
      return [{ type: "breaker", endpoint, state: news.type, reason: null, until: null }];
    case "blocked":
      return [{ type: "breaker", endpoint, state: "blocked", reason: news.by, until: null }];
    case "throttled":
      return [{ type: "throttled", endpoint, cause: "rate_limit", until: wallTime(news.until, clock) }];
    case "exhausted":
      return [{ type: "throttled", endpoint, cause: "quota_used_up", until: wallTime(news.until, clock) }];
    default:
      return [];
  }
}

/** A moment of the monotonic clock by the wall clock. */
function wallTime(at: number, clock: Clock): string {
  return iso(clock.wall() + at - clock.now());
}

function iso(wall: number): string {
  return new Date(wall).toISOString();
}
