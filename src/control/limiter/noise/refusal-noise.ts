import { Bearing } from "./bearing.ts";
import { Falling } from "./falling.ts";
import { Trial } from "./trial.ts";

/** What a refusal calls for: a cut, a deep one, or the way back to a rate. */
export type Judgement = "cut" | "cut deep" | { readonly back: number };

/**
 * So many calls in a row without a refusal, and the cuts have found the limit. With 200, noise of 1 % left 46 % of 600 calls a minute;
 * with 500, 89 %.
 */
const CALM_CALLS = 500;

/** Refusals at a low rate that lead to a trial: after each one that failed, twice as many, so that failures get rare. */
const FIRST_EVIDENCE = 4;

/**
 * Tells refusals that our rate brings on from those that come at any rate, as where many share what a provider has to give.
 *
 * States: calm; falling, from the first refusal on, where each is a cut; trial, when refusals went on at a low rate: back at the first
 * one for a minute; bearing, when no more were refused there. Calls without a refusal lead from falling to calm. More refusals than
 * are borne lead from the trial back to the low rate and to calm; under bearing they are a deep cut, and silence after it leads to calm.
 *
 * A trial that finds a limit after all costs about eight refusals, so it isn't grave that some do: a judgement without any trial, which
 * had to be right, had 80 % refused at limits of 10 to 60 calls a minute.
 */
export class RefusalNoise {
  /** Null is calm. */
  #phase: Falling | Trial | Bearing | null = null;
  #evidence = FIRST_EVIDENCE;
  /** Calls sent since the last refusal. */
  #gap = 0;

  /** @param share of calls refused at any rate, as an earlier process found it; null where it found none */
  constructor(share: number | null) {
    if (share !== null) this.#phase = new Bearing(share);
  }

  /** The share of calls that is refused at any rate; null where none is known. */
  get share(): number | null {
    return this.#phase instanceof Bearing ? this.#phase.share : null;
  }

  /** Others send to the endpoint too, so that what comes now says nothing. What was found before stays. */
  interrupt(): void {
    if (!(this.#phase instanceof Bearing)) this.#phase = null;
  }

  sent(now: number): void {
    this.#gap += 1;
    const phase = this.#phase;
    phase?.sent();
    if (phase instanceof Falling && this.#gap >= CALM_CALLS) this.#phase = null;
    if (phase instanceof Trial && phase.isOver(now)) this.#phase = new Bearing(phase.share);
    if (phase instanceof Bearing && phase.isOver(this.#gap)) this.#phase = null;
  }

  /** Whether a refusal is to be passed over: then nothing waits for it, and the rate stays. */
  bears(): boolean {
    const phase = this.#phase;
    if (phase === null || phase instanceof Falling || !phase.bears()) return false;
    phase.refused(this.#endGap());
    return true;
  }

  /** A refusal that says nothing of the rate: of a probe, or of a call that was sent before the block. */
  echoed(): void {
    const phase = this.#phase;
    phase?.refused(this.#endGap());
    // All the same it is one of those that may be borne.
    if (phase instanceof Trial || phase instanceof Bearing) phase.bears();
  }

  /** @param rate that was in force when a call was refused; the same unit each time */
  judge(rate: number, now: number): Judgement {
    const gap = this.#endGap();
    const phase = this.#phase;
    if (phase === null) {
      this.#phase = new Falling(rate);
      return "cut";
    }
    if (phase instanceof Bearing) {
      phase.refused(gap);
      phase.exceeded();
      return "cut deep";
    }
    if (phase instanceof Trial) {
      this.#phase = null;
      this.#evidence *= 2;
      return { back: phase.retreat };
    }
    phase.refusedAt(rate, gap);
    if (!phase.isFutile(this.#evidence)) return "cut";
    this.#phase = new Trial(phase.low, rate, now);
    return { back: phase.top };
  }

  #endGap(): number {
    const gap = this.#gap;
    this.#gap = 0;
    return gap;
  }
}
