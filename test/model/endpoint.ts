import type { Outcome, QuotaDimension, QuotaReport } from "../../src/domain/outcome.ts";
import type { Charge } from "../../src/domain/usage.ts";
import type { Random } from "../../src/ports/random.ts";
import { type LimitName, Quota, type QuotaLimits } from "../../src/simulator/limits/quota.ts";
import type { WindowForm } from "../../src/simulator/limits/window-form.ts";
import { outcomeOf } from "../helpers/outcome.ts";

/** What replies say of the limits. */
export interface Talk {
  /** Whether every reply tells limit, remainder and reset; a liar doubles them. */
  headers: boolean;
  liar: boolean;
  /** Whether a refusal says how long to wait. */
  hints: boolean;
}

export interface EndpointSettings {
  limits: QuotaLimits;
  window: WindowForm;
  talk: Talk;
  /** Latency of an answer, drawn anew for each. */
  latencyMs: () => number;
  random: Random;
}

export interface Reply {
  afterMs: number;
  outcome: Outcome;
}

/** The limits per minute, by the names that headers know. */
const DIMENSIONS: Partial<Record<LimitName, QuotaDimension>> = { rpm: "requests", tpm: "tokens" };

const REFUSAL_MS = 50;

/** A provider without a network: it judges a call on arrival, and says when its reply will be there. */
export class ModelEndpoint {
  readonly #settings: EndpointSettings;
  readonly #quota: Quota;
  isDown = false;

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
    this.#quota = new Quota(settings.limits, settings.window, 0);
  }

  setLimits(limits: QuotaLimits, now: number): void {
    this.#quota.configure(limits, this.#settings.window, now);
  }

  call(used: Charge, now: number): Reply {
    if (this.isDown) return { afterMs: REFUSAL_MS, outcome: outcomeOf("overloaded") };
    const taken = this.#quota.take(used, now);
    const quota = this.#settings.talk.headers ? this.#reports(now) : [];
    if (!taken.ok) {
      const retryAfterMs = this.#settings.talk.hints ? taken.retryAfterMs : null;
      return {
        afterMs: REFUSAL_MS * (1 + this.#settings.random()),
        outcome: outcomeOf("throttled", { quota, retryAfterMs }),
      };
    }
    const usage = { ...used, cachedInputTokens: 0 };
    const answer = { output: '""', model: null, finishReason: null, usage };
    return { afterMs: this.#settings.latencyMs(), outcome: outcomeOf("succeeded", { quota, answer }) };
  }

  #reports(now: number): QuotaReport[] {
    const factor = this.#settings.talk.liar ? 2 : 1;
    return this.#quota.state(now).map(({ name, limit, remaining, resetMs }) => ({
      dimension: DIMENSIONS[name]!,
      limit: limit * factor,
      remaining: Math.max(0, Math.floor(remaining)) * factor,
      resetMs,
      windowMs: 60_000,
    }));
  }
}
