import type { ResultRow } from "../../ports/results.ts";

/** The job whose answer a row took over, as `run/id`, with `#2` for the second of its answers; null for a row that was sent. */
export function answeredByText({ answeredBy }: Pick<ResultRow, "answeredBy">): string | null {
  if (answeredBy === null) return null;
  const { run, key, sample } = answeredBy;
  return `${run}/${key}${sample > 1 ? `#${sample}` : ""}`;
}
