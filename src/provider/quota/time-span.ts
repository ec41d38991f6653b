const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A number and its unit, short or written out: `12ms`, `6m`, `1.5 seconds`, `2 minutes`. */
const PART =
  "(\\d+(?:\\.\\d+)?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])";
const ONE = new RegExp(PART, "gi");
const LEADING_RUN = new RegExp(`^(?:${PART}(?:, | and | )?)+`, "i");
const LONGEST_CHARS = 80;

/** Milliseconds of the span at the start of a text: `6m0s`, `20ms`, `1 hour and 5 minutes`; null without one. */
export function parseSpan(text: string): number | null {
  const run = LEADING_RUN.exec(text.slice(0, LONGEST_CHARS))?.[0];
  if (run === undefined) return null;
  let spanMs = 0;
  for (const [, amount, unit] of run.matchAll(ONE)) spanMs += Number(amount) * unitMs(unit!);
  return Number.isFinite(spanMs) ? spanMs : null;
}

function unitMs(unit: string): number {
  return /^(ms|milli)/i.test(unit) ? 1 : UNIT_MS[unit[0]!.toLowerCase()]!;
}
