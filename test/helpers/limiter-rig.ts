import type { Admission } from "../../src/control/limiter/admission.ts";
import { Limiter } from "../../src/control/limiter/limiter.ts";
import type { LimiterState } from "../../src/control/limiter/state.ts";
import type { Limits } from "../../src/control/limits.ts";
import type { Reservation } from "../../src/control/permit.ts";
import type { Outcome, OutcomeKind } from "../../src/domain/outcome.ts";
import type { Charge, ChargingProfile } from "../../src/domain/usage.ts";
import type { Random } from "../../src/ports/random.ts";
import { answerOf, usageOf } from "./answer.ts";
import { limitsOf } from "./limits.ts";
import { outcomeOf } from "./outcome.ts";
import { seeded } from "./seeded.ts";

export interface Flight {
  charge: Reservation;
  admittedAt: number;
}

interface RigOptions {
  maxConcurrency?: number;
  profile?: ChargingProfile;
  saved?: LimiterState;
  now?: number;
  wall?: number;
  random?: Random;
}

const SMALL: Charge = { inputTokens: 10, outputTokens: 0 };

/** A limiter with a hand on its clock. */
export class LimiterRig {
  readonly limiter: Limiter;
  now: number;

  constructor(
    told: Partial<Limits>,
    { maxConcurrency = 1_000, now = 0, wall = 0, ...rest }: RigOptions = {},
  ) {
    this.limiter = new Limiter(limitsOf(told), { now, wall, maxConcurrency, random: seeded(1), ...rest });
    this.now = now;
  }

  ask(estimate: Charge = SMALL): Admission {
    return this.limiter.admit(estimate, this.now);
  }

  /** Admits a call, or fails the test. */
  admit(estimate: Charge = SMALL): Flight {
    const admission = this.ask(estimate);
    if (!admission.admitted) throw new Error(`Not admitted: ${admission.reason} until ${admission.until}.`);
    return { charge: admission.charge, admittedAt: this.now };
  }

  /** Admits calls as long as it can, at this moment. */
  admitAll(estimate: Charge = SMALL): Flight[] {
    const flights: Flight[] = [];
    for (let admission = this.ask(estimate); admission.admitted; admission = this.ask(estimate)) {
      flights.push({ charge: admission.charge, admittedAt: this.now });
    }
    return flights;
  }

  /** Lets time pass until the call is admitted, and returns how long that took. */
  waitFor(estimate: Charge = SMALL): { flight: Flight; waitedMs: number } {
    const start = this.now;
    for (;;) {
      const admission = this.ask(estimate);
      if (admission.admitted) {
        return { flight: { charge: admission.charge, admittedAt: this.now }, waitedMs: this.now - start };
      }
      if (admission.until === Number.POSITIVE_INFINITY)
        throw new Error(`Waits for good: ${admission.reason}.`);
      this.now = admission.until;
    }
  }

  settle(flight: Flight, kind: OutcomeKind, details: Partial<Outcome> = {}): void {
    this.limiter.settle(flight, outcomeOf(kind, details), this.now);
  }

  /** Answers a call that used these tokens. */
  answer(flight: Flight, inputTokens: number, outputTokens: number, cachedInputTokens = 0): void {
    const usage = usageOf({ inputTokens, outputTokens, cachedInputTokens });
    this.settle(flight, "succeeded", { answer: answerOf({ usage }) });
  }
}
