/** Calls in flight in the first round with an endpoint of which nothing is known. */
const START = 8;

/**
 * What a round must gain over the best one so far to be worth its calls in flight, as a part of what it has grown by. With
 * 0.15, chance took a server of 32 places to 128 calls in flight for one seed in three.
 */
const WORTHWHILE = 0.35;

/** Rounds without a gain that end the growth. One alone is chance too often: 8 lognormal latencies vary by 20 %. */
const FLAT_ROUNDS = 2;

/** Growth per answer: at first each round doubles, after the first end it adds a half. */
const FIRST_STEP = 1;
const LATER_STEP = 0.5;

/** How long a size stands before more is tried again. */
const SETTLED_MS = 120_000;

export interface GrowthState {
  size: number;
  settled: boolean;
}

/**
 * How many calls may be in flight at an endpoint whose limits nobody knows. Some servers refuse what is too much, which ends
 * the growth from outside; others queue it, which shows in a throughput that no longer grows.
 *
 * Growing: each clean round is larger than the one before. Held: a round brought no gain; the next one, of the
 * same size, decides. Settled: at the best size, until it is time to try more.
 */
export class Growth {
  #size: number;
  #step: number;
  #settledAt: number | null;
  #best: { size: number; throughput: number };
  #flat = 0;
  #round: { startedAt: number; size: number; answers: number; clean: boolean; full: boolean };

  constructor(now: number, saved: GrowthState | null) {
    this.#size = saved?.size ?? START;
    this.#step = saved?.settled ? LATER_STEP : FIRST_STEP;
    this.#settledAt = saved?.settled ? now : null;
    this.#best = { size: this.#size, throughput: 0 };
    this.#round = newRound(this.#size, now);
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  get settled(): boolean {
    return this.#settledAt !== null;
  }

  get state(): GrowthState {
    return { size: this.#size, settled: this.settled };
  }

  /** A call had to wait because of the size: without that a round says nothing. */
  reached(): void {
    this.#round.full = true;
  }

  answered(now: number): void {
    this.#round.answers++;
    if (this.#settledAt === null && this.#flat === 0 && this.#round.full) this.#size += this.#step;
    if (this.#round.answers >= this.#round.size) this.#endRound(now);
  }

  failed(): void {
    this.#round.clean = false;
  }

  #endRound(now: number): void {
    const { startedAt, size, answers, clean, full } = this.#round;
    if (clean && full) this.#judge(size, answers / Math.max(1, now - startedAt), now);
    this.#round = newRound(this.size, now);
  }

  #judge(size: number, throughput: number, now: number): void {
    if (this.#settledAt !== null) {
      this.#best.throughput = throughput;
      if (now - this.#settledAt >= SETTLED_MS) this.#settledAt = null;
    } else if (throughput > this.#best.throughput * (1 + WORTHWHILE * this.#step)) {
      this.#best = { size, throughput };
      this.#flat = 0;
    } else if (++this.#flat >= FLAT_ROUNDS) {
      this.#flat = 0;
      this.#size = this.#best.size;
      this.#step = LATER_STEP;
      this.#settledAt = now;
    }
  }
}

function newRound(size: number, now: number) {
  return { startedAt: now, size, answers: 0, clean: true, full: false };
}
