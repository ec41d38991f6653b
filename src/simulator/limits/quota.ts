import type { QuotaDimension } from "../../domain/outcome.ts";
import type { Charge } from "../../domain/usage.ts";
import type { QuotaWindow } from "./quota-window.ts";
import { createWindow, type WindowForm } from "./window-form.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export type LimitName = "rpm" | "tpm" | "itpm" | "otpm" | "rpd" | "tpd";

/** Null means no limit. */
export type QuotaLimits = Readonly<Record<LimitName, number | null>>;

/** One of the limits of a provider. */
export interface Measure {
  name: LimitName;
  dimension: QuotaDimension;
  /** What the limit is counted per: a minute or a day. */
  perMs: number;
}

const MEASURES: readonly Measure[] = [
  { name: "rpm", dimension: "requests", perMs: MINUTE_MS },
  { name: "tpm", dimension: "tokens", perMs: MINUTE_MS },
  { name: "itpm", dimension: "inputTokens", perMs: MINUTE_MS },
  { name: "otpm", dimension: "outputTokens", perMs: MINUTE_MS },
  { name: "rpd", dimension: "requests", perMs: DAY_MS },
  { name: "tpd", dimension: "tokens", perMs: DAY_MS },
];

/** `retryAfterMs` is Infinity where the cost is above the limit itself. */
export type Taken = { ok: true } | { ok: false; retryAfterMs: number; refusal: Refusal };

/** The limit that has to be waited for longest. */
export interface Refusal extends Measure {
  limit: number;
  remaining: number;
  cost: number;
}

/** Where one limit stands. */
export interface MeasureState {
  name: LimitName;
  limit: number;
  remaining: number;
  resetMs: number;
}

interface Entry {
  measure: Measure;
  limit: number;
  window: QuotaWindow;
}

/**
 * All limits of one endpoint; a call is charged to all of them or to none. Limits per minute are enforced in the given
 * form, limits per day over fixed windows of 24 hours from the start.
 */
export class Quota {
  #entries: Entry[] = [];
  #form: WindowForm;

  constructor(limits: QuotaLimits, form: WindowForm, now: number) {
    this.#form = form;
    this.configure(limits, form, now);
  }

  /** Takes one request of this charge, or says how long to wait. */
  take(charge: Charge, now: number): Taken {
    let slowest: Entry | undefined;
    let retryAfterMs = 0;
    for (const entry of this.#entries) {
      const waitMs = entry.window.waitMs(costOf(entry.measure, charge), now);
      if (waitMs > retryAfterMs) {
        slowest = entry;
        retryAfterMs = waitMs;
      }
    }
    if (slowest) return { ok: false, retryAfterMs, refusal: refusalBy(slowest, charge, now) };
    for (const { measure, window } of this.#entries) window.spend(costOf(measure, charge), now);
    return { ok: true };
  }

  state(now: number): MeasureState[] {
    return this.#entries.map(({ measure, limit, window }) => ({
      name: measure.name,
      limit,
      remaining: window.remaining(now),
      resetMs: window.resetMs(now),
    }));
  }

  /** Changes limits; what was used so far goes on counting unless the form of the windows changes. */
  configure(limits: QuotaLimits, form: WindowForm, now: number): void {
    const sameForm = form.kind === this.#form.kind && form.spanMs === this.#form.spanMs;
    const kept = sameForm ? this.#entries : [];
    this.#form = form;
    this.#entries = MEASURES.flatMap((measure) => {
      const limit = limits[measure.name];
      if (limit === null) return [];
      const window = kept.find((entry) => entry.measure === measure)?.window;
      window?.setLimit(limit, now);
      return [{ measure, limit, window: window ?? this.#createWindow(measure, limit, now) }];
    });
  }

  #createWindow({ perMs }: Measure, limit: number, now: number): QuotaWindow {
    const { kind, spanMs } = perMs === DAY_MS ? { kind: "fixed" as const, spanMs: DAY_MS } : this.#form;
    return createWindow(kind, { limit, perMs, spanMs }, now);
  }
}

function costOf({ dimension }: Measure, { inputTokens, outputTokens }: Charge): number {
  switch (dimension) {
    case "requests":
      return 1;
    case "inputTokens":
      return inputTokens;
    case "outputTokens":
      return outputTokens;
    case "tokens":
      return inputTokens + outputTokens;
  }
}

function refusalBy({ measure, limit, window }: Entry, charge: Charge, now: number): Refusal {
  return { ...measure, limit, remaining: window.remaining(now), cost: costOf(measure, charge) };
}
