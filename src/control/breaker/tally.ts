/** Calls that ended in one slice of the window. */
export interface Tally {
  readonly at: number;
  readonly calls: number;
  readonly failures: number;
}

/** The window slides in steps of a twelfth. */
const SLICES = 12;

/** Counts a call that ended at `now`. What has left the window is dropped. */
export function count(
  tallies: readonly Tally[],
  failed: boolean,
  now: number,
  windowMs: number,
): readonly Tally[] {
  const failures = failed ? 1 : 0;
  const last = tallies.at(-1);
  if (last && now - last.at < windowMs / SLICES) {
    const grown = tallies.slice();
    grown[grown.length - 1] = { at: last.at, calls: last.calls + 1, failures: last.failures + failures };
    return grown;
  }
  return [...within(tallies, now, windowMs), { at: now, calls: 1, failures }];
}

/** Calls and failures in the last `windowMs`. */
export function total(
  tallies: readonly Tally[],
  now: number,
  windowMs: number,
): { calls: number; failures: number } {
  let calls = 0;
  let failures = 0;
  for (const tally of within(tallies, now, windowMs)) {
    calls += tally.calls;
    failures += tally.failures;
  }
  return { calls, failures };
}

function within(tallies: readonly Tally[], now: number, windowMs: number): readonly Tally[] {
  return tallies.filter((tally) => now - tally.at < windowMs);
}
