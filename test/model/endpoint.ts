import type { Outcome, QuotaDimension, QuotaReport } from "../../src/domain/outcome.ts";
import type { Charge } from "../../src/domain/usage.ts";
import type { Random } from "../../src/ports/random.ts";
import { type LimitName, Quota, type QuotaLimits } from "../../src/simulator/limits/quota.ts";
import type { WindowForm } from "../../src/simulator/limits/window-form.ts";
import { answerOf, usageOf } from "../helpers/answer.ts";
import { outcomeOf } from "../helpers/outcome.ts";

/** What replies say of the limits. */
export interface Talk {
  /** Whether every reply tells limits and remainders, and a refusal how long to wait. */
  headers: boolean;
  /** What is told of the limits, as a multiple of the truth. */
  exaggeration: number;
}

export interface Row {
  /** As a provider adapter guesses it. */
  estimate: Charge;
  used: Charge;
  latencyMs: number;
}

interface Reply {
  afterMs: number;
  outcome: Outcome;
}

/** Refusals come at once: they take up to twice this. */
const REFUSAL_MS = 50;

/** The limits per minute, by the names that headers know. */
const DIMENSIONS: Partial<Record<LimitName, QuotaDimension>> = { rpm: "requests", tpm: "tokens" };

/** A provider without a network: it judges a call on arrival, and says when its reply will be there. */
export class ModelEndpoint {
  readonly #form: WindowForm;
  readonly #talk: Talk;
  readonly #random: Random;
  readonly #quota: Quota;
  isDown = false;
  /** The share of calls that are refused whatever their rate, as where many share what the provider has. */
  noise = 0;

  constructor(limits: QuotaLimits, form: WindowForm, talk: Talk, random: Random) {
    this.#form = form;
    this.#talk = talk;
    this.#random = random;
    this.#quota = new Quota(limits, form, 0);
  }

  setLimits(limits: QuotaLimits, now: number): void {
    this.#quota.configure(limits, this.#form, now);
  }

  call({ used, latencyMs }: Row, now: number): Reply {
    const refusalMs = REFUSAL_MS * (1 + this.#random());
    if (this.isDown) return { afterMs: refusalMs, outcome: outcomeOf("overloaded") };
    if (this.noise > 0 && this.#random() < this.noise)
      return { afterMs: refusalMs, outcome: outcomeOf("throttled") };
    const taken = this.#quota.take(used, now);
    const quota = this.#talk.headers ? this.#reports(now) : [];
    if (!taken.ok) {
      const retryAfterMs = this.#talk.headers ? taken.retryAfterMs : null;
      return { afterMs: refusalMs, outcome: outcomeOf("throttled", { quota, retryAfterMs }) };
    }
    const answer = answerOf({ usage: usageOf(used) });
    return { afterMs: latencyMs, outcome: outcomeOf("succeeded", { quota, answer }) };
  }

  #reports(now: number): QuotaReport[] {
    const { exaggeration } = this.#talk;
    return this.#quota.state(now).map(({ name, limit, remaining, resetMs }) => ({
      dimension: DIMENSIONS[name]!,
      limit: limit * exaggeration,
      remaining: Math.max(0, Math.floor(remaining)) * exaggeration,
      resetMs,
      windowMs: 60_000,
    }));
  }
}
