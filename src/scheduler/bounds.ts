import { isTimedOut, LONGEST_THROTTLE_MS, type Outcome } from "../domain/outcome.ts";
import { type StopReason, stopReason } from "../domain/stop-reason.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { RunEvent } from "./events.ts";
import type { StopSwitch } from "./stop.ts";

/** What ends a run early. Null: unbounded. Durations in milliseconds. */
export interface Bounds {
  deadlineMs: number | null;
  stallTimeoutMs: number | null;
  /** A number of rows, or a share of all rows. */
  maxFailures: { rows: number } | { share: number } | null;
}

/** Where the run stands when the drain starts. */
export interface RowCounts {
  totalRows: number;
  failedRows: number;
}

/** A share that comes to a whole number of rows may be a little less in floating point: 29 % of 100 are 28.999999999999996. */
const ROUNDING = 1e-6;

/** Null while no more rows have failed than may. */
export function tooManyFailures(
  limit: Bounds["maxFailures"],
  { totalRows, failedRows }: RowCounts,
): StopReason | null {
  if (limit === null) return null;
  const most = "rows" in limit ? limit.rows : Math.floor(limit.share * totalRows + ROUNDING);
  return failedRows > most ? stopReason.tooManyFailures(failedRows, textOf(limit)) : null;
}

function textOf(limit: NonNullable<Bounds["maxFailures"]>): string {
  return "rows" in limit ? String(limit.rows) : `${Number((limit.share * 100).toFixed(6))}%`;
}

/** Watches a drain and throws the switch when one of its bounds is reached. */
export class BoundsWatch {
  readonly #bounds: Bounds;
  readonly #rows: RowCounts;
  readonly #clock: Clock;
  readonly #stop: StopSwitch;
  readonly #cancelDeadline: CancelTimer;
  #stallFrom: number;
  /** What calls since the last success say that were given up after `--timeout`; null without one. */
  #timeout: string | null = null;
  /** How the last of the calls since then ended that ended otherwise; null without one. */
  #otherwise: Pick<Outcome, "code" | "message"> | null = null;
  #cancelStall: CancelTimer = () => {};

  constructor(bounds: Bounds, rows: RowCounts, clock: Clock, stop: StopSwitch) {
    this.#bounds = bounds;
    this.#rows = { ...rows };
    this.#clock = clock;
    this.#stop = stop;
    this.#cancelDeadline = this.#stopAfter(bounds.deadlineMs, stopReason.deadline);
    this.#stallFrom = clock.now();
    this.#armStall();
    this.checkFailures(rows.failedRows);
  }

  see(event: RunEvent): void {
    if (event.type === "gate" && (event.event.type === "exhausted" || event.event.type === "spent")) {
      this.countStallFrom(event.event.until);
    }
    if (event.type === "over_budget" && event.closure.until !== null) {
      this.countStallFrom(this.#clock.now() + event.closure.until - this.#clock.wall());
    }
    if (event.type === "group_failed") this.#countFailures(event.rows);
    if (event.type === "forgiven") this.#rows.failedRows -= event.revived;
    if (event.type !== "recorded") return;
    const { outcome, decision } = event.ending;
    if (outcome.code === "too_many_files") this.#stop.stop(stopReason.tooManyFiles());
    this.#learnCause(outcome);
    if (decision.state === "succeeded") this.countStallFrom(this.#clock.now());
    const hintMs = outcome.retryAfterMs ?? 0;
    if (decision.state === "pending" && hintMs > LONGEST_THROTTLE_MS)
      this.countStallFrom(this.#clock.now() + hintMs);
    if (decision.state === "failed") this.#countFailures(1);
  }

  /** @param failedRows of the whole run: rows also fail in other processes, and as twins */
  checkFailures(failedRows: number): void {
    const reason = tooManyFailures(this.#bounds.maxFailures, { ...this.#rows, failedRows });
    if (reason !== null) this.#stop.stop(reason);
  }

  close(): void {
    this.#cancelDeadline();
    this.#cancelStall();
  }

  #learnCause(outcome: Outcome): void {
    if (isTimedOut(outcome)) {
      this.#timeout = outcome.message;
      return;
    }
    this.#otherwise = outcome.kind === "succeeded" ? null : outcome;
    if (!this.#otherwise) this.#timeout = null;
  }

  #countFailures(rows: number): void {
    this.#rows.failedRows += rows;
    this.checkFailures(this.#rows.failedRows);
  }

  /**
   * Counts the stall timeout from `from`: the last success, or the end of a wait that a quota, a budget or the provider set.
   */
  countStallFrom(from: number): void {
    this.#stallFrom = Math.max(this.#stallFrom, from);
  }

  /** One timer for the whole run: when it fires too early, it is set again for the rest. */
  #armStall(): void {
    const { stallTimeoutMs } = this.#bounds;
    if (stallTimeoutMs === null) return;
    const at = this.#stallFrom + stallTimeoutMs;
    if (at <= this.#clock.now())
      this.#stop.stop(stopReason.stalled(stallTimeoutMs, this.#otherwise ?? this.#timeout));
    else this.#cancelStall = this.#clock.timer(at, () => this.#armStall());
  }

  #stopAfter(durationMs: number | null, reason: (durationMs: number) => StopReason): CancelTimer {
    if (durationMs === null) return () => {};
    return this.#clock.timer(this.#clock.now() + durationMs, () => this.#stop.stop(reason(durationMs)));
  }
}
