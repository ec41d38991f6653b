import { FINEST_MS } from "../../domain/history.ts";
import type { Unrescued } from "../../domain/spend.ts";
import type { Rescue } from "../../ports/store.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { afterCrash, countTakenBack, IN_DOUBT } from "../blame.ts";
import {
  callsAtMost,
  type DoubtfulClaim,
  doubtsOf,
  type GroupDoubt,
  ofAllGroups,
  unrescuedOf,
} from "../doubtful.ts";
import { UNRECORDED_MS } from "../run-figures.ts";
import { hourOf } from "../spend-sum.ts";
import { DIED } from "../stops.ts";
import type { TallySum } from "../tally-sum.ts";
import { logAttempts } from "./attempt-log.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import type { Twins } from "./twins.ts";

/** When a process that is dead ended: a moment after the last second that the run has on record. */
export const LAST_SIGN = `(${UNRECORDED_MS} + greatest(owners.started_at, coalesce(
  (SELECT max(at) FROM {history} WHERE history.run = owners.run AND length_ms = ${FINEST_MS}), 0)))`;
const END = statement<{ owner: number; wallMs: number; died: string }, DeadOwner>(`
  UPDATE {owners} SET ended_at = least(@wallMs, ${LAST_SIGN}), stop = coalesce(stop, @died)
  WHERE id = @owner AND ended_at IS NULL
  RETURNING run, (SELECT runs.id FROM {runs} WHERE runs.number = owners.run) AS "runId", concurrency`);
const CLAIMS = `
  SELECT jobs.id, jobs.attempt, jobs.crashes, inputs.input_tokens AS "inputTokens",
    inputs.output_tokens AS "outputTokens", lanes.model, lanes.grp AS "group"
  FROM {jobs} JOIN {inputs} ON inputs.id = jobs.input JOIN {lanes} ON lanes.id = jobs.lane
  WHERE jobs.owner = @owner AND jobs.state = 'running'`;
const CLAIMED = statement<{ owner: number }, ClaimedRow>(CLAIMS);
const CLAIMED_TO_CHANGE = statement<{ owner: number }, ClaimedRow>(`${CLAIMS} FOR UPDATE OF jobs`);
const UNENDED = statement<{ run: number }, { id: number; concurrency: number | null }>(
  "SELECT id, concurrency FROM {owners} WHERE run = @run AND ended_at IS NULL",
);
const TAKE_BACK = statement<{ ids: number[]; state: string; code: string | null; message: string | null }>(`
  UPDATE {jobs} SET state = @state, owner = NULL, crashes = crashes + 1, error_code = @code, error_message = @message
  WHERE id = ANY(@ids::bigint[])`);
const NOTE_DOUBT = statement<GroupDoubt & { run: number; hour: number }>(`
  INSERT INTO {doubts} (run, grp, model, hour, calls, input_tokens, output_tokens)
  VALUES (@run, @group, @model, @hour, @calls, @inputTokens, @outputTokens)`);

interface DeadOwner {
  run: number;
  runId: string;
  concurrency: number | null;
}

type ClaimedRow = DoubtfulClaim & { id: number; attempt: number; crashes: number };

interface RescuerParts {
  tallies: TallySum;
  tally: AttemptTally;
  twins: Twins;
}

/** What the next rescue will add to the calls in doubt of a run that no living process works on. */
export async function readUnrescued(session: Session, run: number): Promise<Unrescued> {
  const dead = [];
  for (const { id, concurrency } of await session.all(UNENDED, { run }))
    dead.push({ claims: await session.all(CLAIMED, { owner: id }), concurrency });
  return unrescuedOf(dead);
}

/** Takes back the claims of owners whose process died. */
export class Rescuer {
  readonly #parts: RescuerParts;

  constructor(parts: RescuerParts) {
    this.#parts = parts;
  }

  /** Part of a write. Nothing where another process was faster. */
  async rescue(session: Session, owner: number, wallMs: number): Promise<Rescue> {
    const dead = await session.first(END, { owner, wallMs, died: DIED });
    if (dead === undefined) return { jobs: 0, inDoubtAtMost: 0, inDoubt: [] };
    const claimed = await session.all(CLAIMED_TO_CHANGE, { owner });
    await logAttempts(
      session,
      claimed.map(({ id, attempt }) => ({ job: id, attempt, owner, ...IN_DOUBT })),
    );
    await this.#takeBack(session, dead.run, claimed);
    const calls = callsAtMost(claimed, dead.concurrency);
    this.#parts.tally.countInDoubt(dead.run, calls);
    const doubts = doubtsOf(claimed, calls);
    for (const doubt of doubts)
      await session.run(NOTE_DOUBT, { run: dead.run, hour: hourOf(wallMs), ...doubt });
    const inDoubt = ofAllGroups(doubts).map((doubt) => ({ run: dead.runId, ...doubt }));
    return { jobs: claimed.length, inDoubtAtMost: calls, inDoubt };
  }

  async #takeBack(session: Session, run: number, claimed: readonly ClaimedRow[]): Promise<void> {
    const { tallies, twins } = this.#parts;
    for (const crashes of new Set(claimed.map((job) => job.crashes))) {
      const ids = claimed.filter((job) => job.crashes === crashes).map(({ id }) => id);
      const end = afterCrash(crashes);
      await session.run(TAKE_BACK, { ids, ...end });
      countTakenBack(tallies, run, end.state, ids.length);
      if (end.state === "failed") await twins.followEach(session, ids);
    }
  }
}
