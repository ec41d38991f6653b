import type { Charge, ChargingProfile, Usage } from "../../domain/usage.ts";
import type { Reservation } from "../permit.ts";

export interface EstimatesState {
  /** Sums, older calls weighing less: the ratio is used / guessed. */
  usedInput: number;
  guessedInput: number;
  output: OutputState;
}

interface OutputState {
  samples: number;
  mean: number;
  /** Counts per bin; a bin is a fourth of a doubling wide. */
  bins: number[];
}

/** Output expected of a call before one was answered, where nothing else is known. */
const FIRST_OUTPUT = 64;

/** Calls that weigh in a running mean. */
const MEMORY = 1_000;

const BINS_PER_DOUBLING = 4;

/** Turns raw estimates into charges, by what the calls of this endpoint really used. */
export class Estimates {
  #state: EstimatesState;
  readonly #profile: ChargingProfile;
  #p90: number;

  constructor(profile: ChargingProfile, saved: EstimatesState | null) {
    this.#profile = profile;
    this.#state = saved
      ? structuredClone(saved)
      : { usedInput: 0, guessedInput: 0, output: { samples: 0, mean: FIRST_OUTPUT, bins: [] } };
    this.#p90 = percentile90(this.#state.output.bins);
  }

  get state(): EstimatesState {
    return structuredClone(this.#state);
  }

  /** @param estimate input guessed from the size; output `max_tokens`, or 0 where it isn't set. */
  reserve(estimate: Charge): Reservation {
    const { usedInput, guessedInput } = this.#state;
    const ratio = guessedInput > 0 ? usedInput / guessedInput : 1;
    return {
      guessedInputTokens: estimate.inputTokens,
      inputTokens: estimate.inputTokens * ratio,
      outputTokens: this.#outputTokens(estimate.outputTokens),
    };
  }

  /** What a call was charged in the end. */
  charged(reservation: Reservation, usage: Usage): Charge {
    const cached = this.#profile === "uncached" ? usage.cachedInputTokens : 0;
    return {
      inputTokens: usage.inputTokens - cached,
      outputTokens: this.#profile === "upfront" ? reservation.outputTokens : usage.outputTokens,
    };
  }

  learn(reservation: Reservation, usage: Usage): void {
    const state = this.#state;
    const keep = 1 - 1 / MEMORY;
    state.usedInput = state.usedInput * keep + this.charged(reservation, usage).inputTokens;
    state.guessedInput = state.guessedInput * keep + reservation.guessedInputTokens;
    const { output } = state;
    output.samples = Math.min(MEMORY, output.samples + 1);
    output.mean += (usage.outputTokens - output.mean) / output.samples;
    const bin = binOf(usage.outputTokens);
    while (output.bins.length <= bin) output.bins.push(0);
    output.bins[bin]!++;
    this.#p90 = percentile90(output.bins);
  }

  /** Near the 90th percentile while few answers are known, then ever nearer to the mean. */
  #outputTokens(maxTokens: number): number {
    if (this.#profile === "upfront" && maxTokens > 0) return maxTokens;
    const { samples, mean } = this.#state.output;
    const caution = samples === 0 ? 0 : Math.max(0, this.#p90 - mean) / Math.sqrt(samples);
    return Math.min(mean + caution, maxTokens > 0 ? maxTokens : Number.POSITIVE_INFINITY);
  }
}

function binOf(tokens: number): number {
  return Math.round(Math.log2(1 + tokens) * BINS_PER_DOUBLING);
}

function percentile90(bins: readonly number[]): number {
  const total = bins.reduce((sum, count) => sum + count, 0);
  let above = total * 0.1;
  for (let bin = bins.length - 1; bin >= 0; bin--) {
    above -= bins[bin]!;
    if (above < 0) return 2 ** (bin / BINS_PER_DOUBLING) - 1;
  }
  return 0;
}
