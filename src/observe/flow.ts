import type { Pace } from "../domain/history.ts";

/**
 * The time a pace is taken over, of which calls could flow: long enough to be steady, short enough to follow a limit that moves.
 */
const WINDOW_MS = 60_000;
/** A pace over less than this says nothing. */
const LEAST_MS = 2_000;
/** From so much time on, a pace of one's own goes before the one that another process left. */
const STEADY_MS = 5_000;
/** Fewer rows say nothing of the others. */
const LEAST_ROWS = 5;
/** Looks that lie further apart were held up themselves, by a machine that slept or a database that was away. */
const LATE_MS = 15_000;

/** A run at a moment. */
export interface Stand {
  /** Rows that are still to be sent. */
  left: number;
  /** Calls made so far. */
  calls: number;
  /** Tokens used so far. */
  tokens: number;
}

interface Stretch {
  ms: number;
  rows: number;
  calls: number;
  tokens: number;
}

/**
 * Measures how fast rows are done while nothing holds calls back, so that neither a breaker's pause nor a stop makes a run look
 * slow.
 */
export class Flow {
  #stretches: Stretch[] = [];
  #last: { at: number; stand: Stand; isHeld: boolean } | null = null;

  /**
   * A look at the run.
   * @param at milliseconds of any clock
   */
  see(at: number, stand: Stand, isHeld: boolean): void {
    const last = this.#last;
    this.#last = { at, stand, isHeld };
    if (last === null || at <= last.at || at - last.at > LATE_MS) return;
    const stretch = stretchOf(at - last.at, last.stand, stand);
    if (last.isHeld && isHeld && stretch.rows === 0) return;
    this.#add(stretch);
  }

  /** @param before the pace on record; null where there is none */
  pace(before: Pace | null): Pace | null {
    const { ms, rows, calls, tokens } = sumOf(this.#stretches);
    if (ms < (before === null ? LEAST_MS : STEADY_MS) || rows < LEAST_ROWS) return before;
    return {
      rowsPerMinute: rounded((rows * 60_000) / ms),
      callsPerRow: rounded(calls / rows),
      tokensPerRow: rounded(tokens / rows),
    };
  }

  #add(stretch: Stretch): void {
    const newest = this.#stretches.at(-1);
    // However slow the rows are, there are no more stretches than rows.
    if (newest?.rows === 0) this.#stretches[this.#stretches.length - 1] = sumOf([newest, stretch]);
    else this.#stretches.push(stretch);
    while (isEnough(sumOf(this.#stretches.slice(1)))) this.#stretches.shift();
  }
}

function stretchOf(ms: number, from: Stand, to: Stand): Stretch {
  return {
    ms,
    rows: Math.max(0, from.left - to.left),
    calls: Math.max(0, to.calls - from.calls),
    tokens: Math.max(0, to.tokens - from.tokens),
  };
}

function sumOf(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce(
    (sum, { ms, rows, calls, tokens }) => ({
      ms: sum.ms + ms,
      rows: sum.rows + rows,
      calls: sum.calls + calls,
      tokens: sum.tokens + tokens,
    }),
    { ms: 0, rows: 0, calls: 0, tokens: 0 },
  );
}

function isEnough({ ms, rows }: Stretch): boolean {
  return ms >= WINDOW_MS && rows >= LEAST_ROWS;
}

const rounded = (value: number): number => Number(value.toPrecision(4));
