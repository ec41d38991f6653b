import { DAY_MS } from "./window.ts";

export interface DayBudgetState {
  used: number;
  /** When it is whole again; null before the first call. Monotonic in memory, wall clock where it is stored. */
  resetAt: number | null;
}

/** A quota per day, whole again at the provider's reset; without its word, 24 hours after the first call. */
export class DayBudget {
  readonly limit: number;
  #state: DayBudgetState;

  constructor(limit: number, saved: DayBudgetState | null) {
    this.limit = limit;
    this.#state = saved ?? { used: 0, resetAt: null };
  }

  get state(): DayBudgetState {
    return { ...this.#state };
  }

  get left(): number {
    return this.limit - this.#state.used;
  }

  /** When `cost` may be taken. A cost above the limit runs on an unused day. */
  availableAt(cost: number, now: number): number {
    this.#roll(now);
    const { used, resetAt } = this.#state;
    return used === 0 || used + cost <= this.limit ? now : resetAt!;
  }

  take(units: number, now: number): void {
    this.#state.resetAt ??= now + DAY_MS;
    this.#state.used += units;
  }

  give(units: number): void {
    this.#state.used = Math.max(0, this.#state.used - units);
  }

  /** What the provider says: the remainder only ever lowers what is left. */
  report(remaining: number | undefined, resetMs: number | undefined, now: number): void {
    if (resetMs !== undefined) this.#state.resetAt = now + resetMs;
    if (remaining !== undefined) this.#state.used = Math.max(this.#state.used, this.limit - remaining);
  }

  #roll(now: number): void {
    if (this.#state.resetAt !== null && now >= this.#state.resetAt) this.#state = { used: 0, resetAt: null };
  }
}
