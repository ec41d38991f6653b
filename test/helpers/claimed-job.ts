import type { ClaimedJob } from "../../src/domain/job.ts";

/** A job in hand, on its first attempt unless told otherwise. */
export function claimedJob(id: number, details: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    id,
    key: `row-${id}`,
    attempt: 1,
    failures: 0,
    invalid: 0,
    asks: 0,
    row: '{"prompt":"hi"}',
    model: null,
    group: null,
    ...details,
  };
}
