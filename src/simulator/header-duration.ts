/** Writes a duration as rate limit headers do: `12ms`, `1.5s`, `6m0s`, `2h0m3s`. Rounded up to the millisecond. */
export function headerDuration(durationMs: number): string {
  const wholeMs = Math.ceil(durationMs);
  if (wholeMs < 1_000) return `${wholeMs}ms`;
  const hours = Math.floor(wholeMs / 3_600_000);
  const minutes = Math.floor(wholeMs / 60_000) % 60;
  const seconds = `${(wholeMs % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
