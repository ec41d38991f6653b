import type { BreakerView } from "../../control/breaker/view.ts";
import type { QuotaSource } from "../../control/limiter/view.ts";
import type { OutcomeKind, QuotaDimension } from "../../domain/outcome.ts";
import type { RunStatus } from "../status.ts";
import type { WaitCause } from "./lane-news.ts";

/** Raised when a field or type goes away or changes its meaning; further ones may come within a version. */
export const EVENT_VERSION = 1;

/**
 * A line of the event stream, without the version, time and run it begins with. docs/EVENTS.md describes each field. Times
 * are ISO 8601, durations milliseconds. None holds text of a row or of a reply, nor a message of a provider: only ids, codes, names and figures.
 */
export type EventBody =
  | { type: "run_started"; input: string; jobs: RunStatus["jobs"] }
  | {
      type: "row_done";
      id: string;
      status: "succeeded" | "failed";
      code: string | null;
      attempts: number;
      latency_ms: number;
      wait_ms: number;
      tokens: RunStatus["tokens"] | null;
      model: string | null;
      provider: string;
    }
  | {
      type: "attempt_failed";
      id: string;
      attempt: number;
      kind: OutcomeKind;
      code: string;
      http_status: number | null;
      request_id: string | null;
      latency_ms: number;
      wait_ms: number;
      /** Null when the row has failed for good. */
      retry_at: string | null;
      provider: string;
    }
  /** An answer that came when the row was no longer this process's. */
  | { type: "superseded"; id: string; attempt: number; kind: OutcomeKind; provider: string }
  /** An answer that the database didn't take: kept on this machine. */
  | { type: "spooled"; id: string; attempt: number; kind: OutcomeKind; provider: string }
  | { type: "recovered"; recorded: number; late: number }
  | { type: "throttled"; endpoint: string; cause: "rate_limit" | "quota_used_up"; until: string }
  | {
      type: "breaker";
      endpoint: string;
      state: BreakerView["state"];
      reason: string | null;
      until: string | null;
    }
  | { type: "forgiven"; failures: number; revived: number }
  | {
      type: "rescued";
      jobs: number;
      in_doubt_at_most: number;
      cost_usd_at_most: number | null;
      tokens_at_most: { input: number; output: number };
    }
  | { type: "waiting"; endpoint: string; reason: WaitCause; until: string | null }
  | {
      type: "quota";
      endpoint: string;
      dimension: QuotaDimension;
      per: "minute" | "day";
      limit: number;
      source: Exclude<QuotaSource, "told">;
    }
  /** A budget of the run (group null) or of a group; figures in US dollars or tokens, as the limit is. */
  | {
      type: "over_budget";
      group: string | null;
      limit: string;
      used: number;
      most: number;
      until: string | null;
    }
  | { type: "group_failed"; group: string; code: string; rows: number }
  | ({ type: "progress" } & Pick<
      RunStatus,
      "jobs" | "attempts" | "tokens" | "cost_usd" | "rate" | "eta_seconds"
    >)
  | { type: "stopping"; code: string; in_flight: number }
  | { type: "run_stopped"; code: string; exit_code: number; jobs: RunStatus["jobs"] | null }
  | { type: "run_finished"; exit_code: number; jobs: RunStatus["jobs"] }
  /** For `--log-file` with `-v` alone. */
  | {
      type: "endpoint";
      endpoint: string;
      breaker: BreakerView["state"];
      in_flight: number;
      in_flight_limit: number;
      factor: number;
      quotas: readonly { dimension: QuotaDimension; per: "minute" | "day"; limit: number; level: number }[];
    };
