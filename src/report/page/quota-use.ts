import type { ReportedHistory } from "../report-data.ts";

/** How much of a limit was used while it was known, and the mean rate of all. */
export interface QuotaUse {
  perMinute: number;
  /** Of the span with the highest rate. */
  peak: { perMinute: number; ms: number };
  /** 0 to 1; null where no limit was known. */
  share: number | null;
}

/** @param units what was used in each span @param limits per minute */
export function quotaUse(
  { spanMs }: Pick<ReportedHistory, "spanMs">,
  units: readonly number[],
  limits: readonly (number | null)[],
): QuotaUse | null {
  const all = { units: 0, ms: 0 };
  const known = { units: 0, allowed: 0 };
  let peak = { perMinute: 0, ms: 0 };
  units.forEach((used, at) => {
    const ms = spanMs[at]!;
    const limit = limits[at] ?? null;
    all.units += used;
    all.ms += ms;
    const perMinute = (used * 60_000) / ms;
    if (perMinute > peak.perMinute) peak = { perMinute, ms };
    if (limit === null) return;
    known.units += used;
    known.allowed += (limit * ms) / 60_000;
  });
  if (all.units === 0) return null;
  const share = known.allowed > 0 ? known.units / known.allowed : null;
  return { perMinute: (all.units * 60_000) / all.ms, peak, share };
}
