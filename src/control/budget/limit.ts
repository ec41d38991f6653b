import type { Spend, SpendReport } from "../../domain/spend.ts";

/** What a budget is counted in. */
export type Measure = keyof Spend;
/** What a budget is counted over: the whole run, or all runs of the database in one clock hour or UTC day. */
export type Span = Exclude<keyof SpendReport, "wallMs">;

/** What the settings call each budget. */
export type LimitName = keyof typeof LIMITS;

export const LIMITS = {
  maxCost: { measure: "nanoUsd", span: "run" },
  costPerHour: { measure: "nanoUsd", span: "hour" },
  costPerDay: { measure: "nanoUsd", span: "day" },
  maxTotalTokens: { measure: "tokens", span: "run" },
  tokensPerHour: { measure: "tokens", span: "hour" },
  tokensPerDay: { measure: "tokens", span: "day" },
} as const satisfies Record<string, { measure: Measure; span: Span }>;

export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** How much may be used: tokens, or whole nano-USD. A limit that is absent or null isn't kept. */
export type BudgetLimits = Readonly<Partial<Record<LimitName, number | null>>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPAN_MS: Readonly<Record<Span, number>> = { run: Number.POSITIVE_INFINITY, hour: HOUR_MS, day: DAY_MS };

/** Wall clock of the start of the span that `wallMs` is in; for a run always the same. */
export function spanStart(span: Span, wallMs: number): number {
  return span === "run" ? 0 : wallMs - (wallMs % SPAN_MS[span]);
}

/** Wall clock of its end; infinite for a run. */
export function spanEnd(span: Span, wallMs: number): number {
  return spanStart(span, wallMs) + SPAN_MS[span];
}
