import type { AttemptTally } from "../attempt-tally.ts";
import { IN_DOUBT } from "../blame.ts";
import { runOf } from "../keys.ts";
import type { OwnedEnding } from "../stored-ending.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** Attempts by what their records are fenced with. */
export interface Fenced {
  jobs: number[];
  attempts: number[];
  owners: (number | null)[];
}

/** By job and attempt alone: its process may be on record as another owner by now. */
const FORGET = statement<Pick<Fenced, "jobs" | "attempts">, { job: number }>(`
  DELETE FROM {attempts} USING unnest(@jobs::bigint[], @attempts::integer[]) AS ended (job, attempt)
  WHERE attempts.job = ended.job AND attempts.attempt = ended.attempt AND attempts.kind = '${IN_DOUBT.kind}'
  RETURNING attempts.job`);
/**
 * Takes one call out. What is left is still the most that the others can have used: the sum had this call's own estimate in it, or
 * a larger one.
 */
const REDUCE = statement<{ job: number; run: number; model: string | null; group: string | null }>(`
  UPDATE {doubts} SET calls = calls - 1,
    input_tokens = CASE WHEN calls = 1 THEN 0 ELSE greatest(doubts.input_tokens - coalesce(own.input_tokens, 0), 0) END,
    output_tokens = CASE WHEN calls = 1 THEN 0 ELSE greatest(doubts.output_tokens - coalesce(own.output_tokens, 0), 0) END
  FROM (SELECT inputs.input_tokens, inputs.output_tokens FROM {jobs} JOIN {inputs} ON inputs.id = jobs.input
    WHERE jobs.id = @job) AS own
  WHERE doubts.id = (SELECT max(id) FROM {doubts} WHERE run = @run AND calls > 0
    AND model IS NOT DISTINCT FROM @model::text AND grp IS NOT DISTINCT FROM @group::text)`);

/** What a rescue took for calls that may have been made, where it comes out how they ended. */
export class Doubts {
  readonly #tally: AttemptTally;

  constructor(tally: AttemptTally) {
    this.#tally = tally;
  }

  /**
   * Part of the write that records the ends.
   * @returns the jobs among them whose attempt was in doubt
   */
  async resolve(session: Session, all: readonly OwnedEnding[]): Promise<number[]> {
    if (all.length === 0) return [];
    const doubted = (await session.all(FORGET, fencedOf(all))).map(({ job }) => job);
    const groups = new Map(all.map(({ ending: { job } }) => [job.id, job]));
    for (const job of doubted) {
      const { model, group } = groups.get(job)!;
      this.#tally.countNoDoubt(runOf(job), 1);
      const where = { job, run: runOf(job), model };
      await session.run(REDUCE, { ...where, group: null });
      if (group !== null) await session.run(REDUCE, { ...where, group });
    }
    return doubted;
  }
}

export function fencedOf(all: readonly OwnedEnding[]): Fenced {
  return {
    jobs: all.map(({ ending }) => ending.job.id),
    attempts: all.map(({ ending }) => ending.job.attempt),
    owners: all.map(({ owner }) => owner),
  };
}
