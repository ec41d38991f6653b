import { FINEST_MS } from "../../domain/history.ts";
import type { Rescue } from "../../ports/store.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { afterCrash, countTakenBack, IN_DOUBT } from "../blame.ts";
import { callsAtMost, type DoubtfulClaim } from "../doubtful.ts";
import { UNRECORDED_MS } from "../run-figures.ts";
import { hourOf } from "../spend-sum.ts";
import { DIED } from "../stops.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { Doubts } from "./doubts.ts";
import type { Database } from "./driver.ts";
import type { Tallies } from "./tallies.ts";
import type { Twins } from "./twins.ts";

/** When a process that is dead ended: a moment after the last second that the run has on record. */
export const LAST_SIGN = `(${UNRECORDED_MS} + max(owners.started_at, coalesce(
  (SELECT max(at) FROM history WHERE history.run = owners.run AND length_ms = ${FINEST_MS}), 0)))`;
const END = `
  UPDATE owners SET ended_at = min(@wallMs, ${LAST_SIGN}), stop = coalesce(stop, @died)
  WHERE id = @owner AND ended_at IS NULL
  RETURNING run, (SELECT runs.id FROM runs WHERE runs.number = owners.run) AS runId, concurrency`;
export const CLAIMED = `
  SELECT jobs.id, jobs.attempt, jobs.crashes, inputs.input_tokens AS inputTokens, inputs.output_tokens AS outputTokens,
    lanes.model, lanes.grp AS "group"
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.input CROSS JOIN lanes ON lanes.id = jobs.lane
  WHERE jobs.owner = ? AND jobs.state = 'running'`;
const TAKE_BACK = `
  UPDATE jobs SET state = ?, owner = NULL, crashes = crashes + 1, error_code = ?, error_message = ? WHERE id = ?`;

interface DeadOwner {
  run: number;
  runId: string;
  concurrency: number | null;
}

export type ClaimedRow = DoubtfulClaim & { id: number; attempt: number; crashes: number };

interface RescuerParts {
  attempts: AttemptLog;
  tallies: Tallies;
  tally: AttemptTally;
  doubts: Doubts;
  twins: Twins;
}

/** Takes back the claims of owners whose process died. */
export class Rescuer {
  readonly #tallies: Tallies;
  readonly #tally: AttemptTally;
  readonly #doubts: Doubts;
  readonly #attempts: AttemptLog;
  readonly #twins: Twins;
  readonly #end;
  readonly #claimed;
  readonly #takeBack;

  constructor(db: Database, { attempts, tallies, tally, doubts, twins }: RescuerParts) {
    this.#tallies = tallies;
    this.#tally = tally;
    this.#doubts = doubts;
    this.#attempts = attempts;
    this.#twins = twins;
    this.#end = db.prepare<[{ owner: number; wallMs: number; died: string }], DeadOwner>(END);
    this.#claimed = db.prepare<[number], ClaimedRow>(CLAIMED);
    this.#takeBack = db.prepare<[string, string | null, string | null, number]>(TAKE_BACK);
  }

  /** Part of a write. Nothing where another process was faster. */
  rescue(owner: number, wallMs: number): Rescue {
    const dead = this.#end.get({ owner, wallMs, died: DIED });
    if (dead === undefined) return { jobs: 0, inDoubtAtMost: 0, inDoubt: [] };
    const claimed = this.#claimed.all(owner);
    for (const job of claimed) this.#rescueJob(dead.run, job, owner);
    const calls = callsAtMost(claimed, dead.concurrency);
    this.#tally.countInDoubt(dead.run, calls);
    const noted = this.#doubts.note({ run: dead.run, hour: hourOf(wallMs), claims: claimed, calls });
    const inDoubt = noted.map((doubt) => ({ run: dead.runId, ...doubt }));
    return { jobs: claimed.length, inDoubtAtMost: calls, inDoubt };
  }

  #rescueJob(run: number, { id, attempt, crashes }: ClaimedRow, owner: number): void {
    this.#attempts.append({ job: id, attempt, owner, ...IN_DOUBT });
    const { state, code, message } = afterCrash(crashes);
    this.#takeBack.run(state, code, message, id);
    countTakenBack(this.#tallies, run, state, 1);
    if (state === "failed") this.#twins.followOne(id);
  }
}
