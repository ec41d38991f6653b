import type { Spend } from "../../domain/spend.ts";
import {
  type BudgetLimits,
  LIMIT_NAMES,
  LIMITS,
  type LimitName,
  type Measure,
  type Span,
  spanEnd,
  spanStart,
} from "./limit.ts";

/** Which limit lets nothing more be sent now. */
export interface Closure {
  limit: LimitName;
  /** How much of it is used, calls in flight at their estimates included; in tokens or nano-USD, as the limit is. */
  used: number;
  most: number;
  /** Wall clock at which the limit's hour or day is over; null for a limit of the whole run. */
  until: number | null;
  /** Only the estimates of calls in flight close it: when they end, it may be open again. */
  isPassing: boolean;
  /** Of this process: each may yet add to what is used. */
  callsInFlight: number;
}

/** What is left of a limit of an hour or a day. */
export interface SpanLimit {
  measure: Measure;
  most: number;
  /** By what is on record; below 0 where it was passed. */
  left: number;
  spanMs: number;
  /** Wall clock at which it is whole again. */
  until: number;
}

const SPANS: readonly Span[] = ["run", "hour", "day"];
const nothing = (): Spend => ({ tokens: 0, nanoUsd: 0 });

/**
 * What one group, or the run, may use. Open while what is on record and what calls in flight are estimated at come to
 * less than every limit: so a limit is never passed by more than what is in flight.
 */
export class BudgetAccount {
  readonly #limits: readonly (readonly [name: LimitName, most: number])[];
  readonly #inFlight = nothing();
  #callsInFlight = 0;
  #recorded: Record<Span, Spend> = { run: nothing(), hour: nothing(), day: nothing() };
  /** Wall clock: whose hour and day `#recorded` tells of. */
  #wallMs = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = LIMIT_NAMES.flatMap((name) => {
      const most = limits[name] ?? null;
      return most === null ? [] : [[name, most] as const];
    });
  }

  get hasLimits(): boolean {
    return this.#limits.length > 0;
  }

  /** What is on record, calls in doubt included, in place of what was known before. */
  adopt(recorded: Readonly<Record<Span, Spend>>, wallMs: number): void {
    this.#recorded = { run: { ...recorded.run }, hour: { ...recorded.hour }, day: { ...recorded.day } };
    this.#wallMs = wallMs;
  }

  take(estimate: Spend): void {
    this.#callsInFlight += 1;
    add(this.#inFlight, estimate, 1);
  }

  /** @param used what is on record now; null for a call that was not sent */
  settle(estimate: Spend, used: Spend | null, wallMs: number): void {
    this.#callsInFlight -= 1;
    add(this.#inFlight, estimate, -1);
    this.#roll(wallMs);
    if (used !== null) this.count(used);
  }

  /** Adds to what is on record. */
  count(used: Spend): void {
    for (const span of SPANS) add(this.#recorded[span], used, 1);
  }

  /** Null while it is open. Of several limits that are used up, the one that lasts longest. */
  closure(wallMs: number): Closure | null {
    if (!this.hasLimits) return null;
    this.#roll(wallMs);
    const closures = this.#limits.flatMap(([limit, most]) => this.#closureBy(limit, most, wallMs) ?? []);
    return closures.reduce<Closure | null>((a, b) => (a !== null && lasts(a) >= lasts(b) ? a : b), null);
  }

  /** Its limits of an hour or a day. */
  spanLimits(wallMs: number): SpanLimit[] {
    this.#roll(wallMs);
    return this.#limits.flatMap(([limit, most]) => {
      const { measure, span } = LIMITS[limit];
      if (span === "run") return [];
      const until = spanEnd(span, wallMs);
      const left = most - this.#recorded[span][measure];
      return [{ measure, most, left, spanMs: until - spanStart(span, wallMs), until }];
    });
  }

  #closureBy(limit: LimitName, most: number, wallMs: number): Closure | null {
    const { measure, span } = LIMITS[limit];
    const recorded = this.#recorded[span][measure];
    const used = recorded + this.#inFlight[measure];
    if (used < most) return null;
    const until = span === "run" ? null : spanEnd(span, wallMs);
    return { limit, used, most, until, isPassing: recorded < most, callsInFlight: this.#callsInFlight };
  }

  /** A span that has begun since is unused. */
  #roll(wallMs: number): void {
    for (const span of SPANS) {
      if (spanStart(span, wallMs) !== spanStart(span, this.#wallMs)) this.#recorded[span] = nothing();
    }
    this.#wallMs = wallMs;
  }
}

function add(to: Spend, { tokens, nanoUsd }: Spend, sign: 1 | -1): void {
  to.tokens += sign * tokens;
  to.nanoUsd += sign * nanoUsd;
}

function lasts({ isPassing, until }: Closure): number {
  return isPassing ? 0 : (until ?? Number.POSITIVE_INFINITY);
}
