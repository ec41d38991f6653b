import type { QuotaReport } from "../../domain/outcome.ts";
import { DAY_MS } from "./window.ts";

export interface DayBudgetState {
  used: number;
  /** When it is whole again; null before the first call. Monotonic in memory, wall clock where it is stored. */
  resetAt: number | null;
  /** Whether the provider said so; missing where it is a guess. */
  isTold?: boolean;
}

type DayReport = Pick<QuotaReport, "limit" | "remaining" | "resetMs">;

/** Of the part of a process that shares a day with others: they take from what is left before each hears of all. */
const TAKEN_AT_ONCE = 0.5;

/** A quota per day, whole again at the provider's reset; without its word, 24 hours after the first call. */
export class DayBudget {
  readonly limit: number;
  /** The part of what is left that this process may take until it hears of the others' use again, 0 to 1. */
  part = 1;
  #state: DayBudgetState;
  /** The part of `used` that other processes know of. */
  #shared: number;
  /** `used` when it was last written down for them. */
  #written = 0;

  constructor(limit: number, saved: DayBudgetState | null) {
    this.limit = limit;
    this.#state = saved ? { ...saved } : { used: 0, resetAt: null };
    this.#shared = this.#state.used;
  }

  /** The use of all processes: theirs as they wrote it, and ours since it was last taken over. */
  stateWith(theirs: DayBudgetState | null, now: number): DayBudgetState {
    this.#roll(now);
    const { used } = this.#state;
    this.#written = used;
    if (!theirs || (theirs.resetAt !== null && theirs.resetAt <= now)) return { ...this.#state };
    return { ...laterReset(this.#state, theirs), used: Math.max(used, theirs.used + this.#unshared) };
  }

  /** Takes over what `stateWith` gave, once it is written. */
  adopt(state: DayBudgetState): void {
    this.#state = { ...state, used: state.used + this.#state.used - this.#written };
    this.#shared = state.used;
  }

  get left(): number {
    return this.limit - this.#state.used;
  }

  /** What this process may take until it hears of the others' use again. */
  get room(): number {
    const most = this.part === 1 ? 1 : TAKEN_AT_ONCE * this.part;
    return most * (this.limit - this.#shared) - this.#unshared;
  }

  /** When it is whole again; null while nothing of it is used. */
  get resetAt(): number | null {
    return this.#state.resetAt;
  }

  /**
   * When `cost` may be taken; Infinity until the others are heard of, when it is only more than this process's part. A cost above the
   * limit runs on an unused day, and one above the part alone, or nobody could take what is left of a day.
   */
  availableAt(cost: number, now: number): number {
    this.#roll(now);
    const { used, resetAt } = this.#state;
    if (used > 0 && used + cost > this.limit) return resetAt!;
    return cost <= this.room || this.#unshared <= 0 ? now : Number.POSITIVE_INFINITY;
  }

  take(units: number, now: number): void {
    this.#state.resetAt ??= now + DAY_MS;
    this.#state.used += units;
  }

  give(units: number): void {
    this.#state.used = Math.max(0, this.#state.used - units);
  }

  /**
   * What the provider says: the remainder only ever lowers what is left. The reset is that of its own limit: where ours is lower and the
   * day slides, what we used of it would seem to be back within minutes.
   */
  report({ limit = this.limit, remaining, resetMs }: DayReport, now: number): void {
    if (resetMs !== undefined && (limit <= this.limit || remaining === 0)) {
      this.#state.resetAt = now + Math.min(resetMs, DAY_MS);
      this.#state.isTold = true;
    }
    if (remaining === undefined) return;
    // The provider counts for all processes, so this is no use of ours that they don't know of.
    const unknown = Math.max(0, this.limit - remaining - this.#state.used);
    this.#state.used += unknown;
    this.#shared += unknown;
  }

  /** What was taken that other processes don't know of. */
  get #unshared(): number {
    return this.#state.used - this.#shared;
  }

  #roll(now: number): void {
    if (this.#state.resetAt !== null && now >= this.#state.resetAt) this.#restart();
  }

  #restart(): void {
    this.#state = { used: 0, resetAt: null };
    this.#shared = 0;
    this.#written = 0;
  }
}

/** What the provider said goes before a guess. */
function laterReset(mine: DayBudgetState, theirs: DayBudgetState): DayBudgetState {
  if ((mine.isTold ?? false) !== (theirs.isTold ?? false)) return mine.isTold ? mine : theirs;
  return (mine.resetAt ?? 0) >= (theirs.resetAt ?? 0) ? mine : theirs;
}
