import type { Ending } from "../../domain/ending.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Recovered } from "../../ports/store.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { runOf } from "../keys.ts";
import { attemptOf, resultOf, settlementOf } from "../stored-ending.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { Doubts } from "./doubts.ts";
import type { Database } from "./driver.ts";
import type { Lanes } from "./lanes.ts";
import type { Twins } from "./twins.ts";

const settle = (fence: string): string => `
  UPDATE jobs SET state = ?, available_at = ?, failures = failures + ?, invalid = invalid + ?, asks = asks + ?,
    owner = NULL, error_code = ?, error_message = ?
  WHERE id = ? AND attempt = ? AND ${fence}`;
/** The fence: an end counts only while the job is running under this attempt of this owner. */
const SETTLE = settle("owner = ? AND state = 'running'");
/** The end of a job that was taken back counts too while no process has claimed it since: it has no owner then. */
const SETTLE_TAKEN_BACK = settle("owner IS ? AND state = 'pending'");
const INSERT_RESULT = `
  INSERT INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, service_tier, provider,
    cost_usd, output, response)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const KNOWN = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM results WHERE job = @job AND attempt = @attempt)
    OR EXISTS (SELECT 1 FROM attempts WHERE job = @job AND attempt = @attempt AND owner IS @owner)
    OR NOT EXISTS (SELECT 1 FROM jobs WHERE id = @job)`;
const MOVE = "UPDATE jobs SET lane = ?, failures = 0, forgiven = 0, invalid = 0 WHERE id = ?";

type Settlement = ReturnType<typeof settlementOf>;
type Before = "running" | "pending";

interface EndingsParts {
  attempts: AttemptLog;
  tally: AttemptTally;
  twins: Twins;
  doubts: Doubts;
  lanes: Lanes;
  clock: Clock;
}

/** Records how attempts ended. */
export class Endings {
  readonly #attempts: AttemptLog;
  readonly #tally: AttemptTally;
  readonly #twins: Twins;
  readonly #lanes: Lanes;
  readonly #clock: Clock;
  readonly #doubts: Doubts;
  readonly #settle;
  readonly #settleTakenBack;
  readonly #isKnown;
  readonly #insertResult;
  readonly #move;

  constructor(db: Database, { attempts, tally, twins, doubts, lanes, clock }: EndingsParts) {
    this.#attempts = attempts;
    this.#tally = tally;
    this.#twins = twins;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#doubts = doubts;
    this.#settle = db.prepare<unknown[]>(SETTLE);
    this.#settleTakenBack = db.prepare<unknown[]>(SETTLE_TAKEN_BACK);
    this.#isKnown = db.prepare<[Settlement]>(KNOWN);
    this.#move = db.prepare<[number, number]>(MOVE);
    this.#insertResult = db.prepare<unknown[]>(INSERT_RESULT);
  }

  /** Part of a write. False where the job is in other hands or over: then only the attempt is kept. */
  record(ending: Ending, owner: number | null): boolean {
    const { before } = this.#settleJob(ending, owner);
    this.#keep(ending, owner, before);
    return before !== null;
  }

  /**
   * Part of a write. The same for an end that was not recorded in its time.
   * @returns null where it is on record, or its job was deleted
   */
  recover(ending: Ending, owner: number | null): keyof Recovered | null {
    const { before, isDoubted } = this.#settleJob(ending, owner);
    const isKnown = (): boolean => this.#isKnown.get(settlementOf({ ending, owner })) !== undefined;
    if (before === null && !isDoubted && isKnown()) return null;
    this.#keep(ending, owner, before);
    return before === null ? "late" : "recorded";
  }

  /** @returns the job's state before this end, null where it doesn't count, and whether the attempt was in doubt */
  #settleJob(ending: Ending, owner: number | null): { before: Before | null; isDoubted: boolean } {
    const end = settlementOf({ ending, owner });
    if (this.#changeJob("running", end)) return { before: "running", isDoubted: false };
    const isDoubted = this.#doubts.resolve(ending.job);
    const isTakenBack = isDoubted && this.#changeJob("pending", { ...end, owner: null });
    return { before: isTakenBack ? "pending" : null, isDoubted };
  }

  #changeJob(before: Before, end: Settlement): boolean {
    const { changes } = (before === "running" ? this.#settle : this.#settleTakenBack).run(
      end.state,
      end.availableAt,
      end.failures,
      end.invalid,
      end.asks,
      end.errorCode,
      end.errorMessage,
      end.job,
      end.attempt,
      end.owner,
    );
    return changes === 1;
  }

  #keep(ending: Ending, owner: number | null, before: Before | null): void {
    const isOurs = before !== null;
    if (isOurs && ending.decision.toStage !== undefined) this.#moveOn(ending.job, ending.decision.toStage);
    if (isOurs && ending.decision.state === "succeeded") this.#keepResult(ending);
    else this.#attempts.append(attemptOf(ending, owner, isOurs));
    this.#tally.countAttempt(ending);
    if (!isOurs) return;
    this.#tally.countJob(ending, before);
    if (ending.decision.state !== "pending") this.#twins.followOne(ending.job.id);
  }

  /** At another stage of the chain a job starts anew: what it failed of before is not held against it. */
  #moveOn({ id, model, group }: ClaimedJob, stage: number): void {
    this.#move.run(this.#lanes.findOrCreate(runOf(id), { model, stage, group }), id);
  }

  #keepResult(ending: Ending): void {
    const result = resultOf(ending, this.#clock.wall());
    this.#insertResult.run(
      result.job,
      result.attempt,
      result.httpStatus,
      result.inputTokens,
      result.cachedInputTokens,
      result.cacheWriteTokens,
      result.outputTokens,
      result.reasoningTokens,
      result.sentAt,
      result.latencyMs,
      result.waitMs,
      result.finishedAt,
      result.requestId,
      result.model,
      result.finishReason,
      result.serviceTier,
      result.provider,
      result.costUsd,
      result.output,
      result.response,
    );
  }
}
