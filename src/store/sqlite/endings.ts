import type { Ending } from "../../domain/ending.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { runOf } from "../keys.ts";
import { attemptOf, resultOf, settlementOf } from "../stored-ending.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { Database } from "./driver.ts";
import type { Lanes } from "./lanes.ts";
import type { Twins } from "./twins.ts";

/** The fence: an end counts only while the job is running under this attempt of this owner. */
const SETTLE = `
  UPDATE jobs SET state = ?, available_at = ?, failures = failures + ?, invalid = invalid + ?, asks = asks + ?,
    owner = NULL, error_code = ?, error_message = ?
  WHERE id = ? AND attempt = ? AND owner = ? AND state = 'running'`;
const INSERT_RESULT = `
  INSERT INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, service_tier, provider,
    cost_usd, output, response)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const MOVE = "UPDATE jobs SET lane = ?, failures = 0, forgiven = 0, invalid = 0 WHERE id = ?";

interface EndingsParts {
  attempts: AttemptLog;
  tally: AttemptTally;
  twins: Twins;
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
  readonly #settle;
  readonly #insertResult;
  readonly #move;

  constructor(db: Database, { attempts, tally, twins, lanes, clock }: EndingsParts) {
    this.#attempts = attempts;
    this.#tally = tally;
    this.#twins = twins;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#settle = db.prepare<unknown[]>(SETTLE);
    this.#move = db.prepare<[number, number]>(MOVE);
    this.#insertResult = db.prepare<unknown[]>(INSERT_RESULT);
  }

  /** Part of a write. False where the job was no longer this owner's: then only the attempt is kept. */
  record(ending: Ending, owner: number | null): boolean {
    const isOurs = this.#settleJob(ending, owner);
    if (isOurs && ending.decision.toStage !== undefined) this.#moveOn(ending.job, ending.decision.toStage);
    if (isOurs && ending.decision.state === "succeeded") this.#keepResult(ending);
    else this.#attempts.append(attemptOf(ending, owner, isOurs));
    this.#tally.countAttempt(ending);
    if (isOurs) this.#tally.countJob(ending, "running", this.#followers(ending));
    return isOurs;
  }

  /** How many twins the job takes with it to its end. */
  #followers({ job, decision }: Ending): number {
    return decision.state === "pending" ? 0 : this.#twins.followOne(job.id);
  }

  #settleJob(ending: Ending, owner: number | null): boolean {
    const end = settlementOf({ ending, owner });
    const { changes } = this.#settle.run(
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
