import type { Ending } from "../../domain/ending.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { AttemptTally } from "./attempt-tally.ts";
import type { Database } from "./driver.ts";

/** The fence: an end counts only while the job is running under this attempt of this owner. */
const SETTLE = `
  UPDATE jobs SET state = ?, available_at = ?, failures = failures + ?, owner = NULL, error_code = ?,
    error_message = ?
  WHERE id = ? AND attempt = ? AND owner = ? AND state = 'running'`;
const INSERT_RESULT = `
  INSERT INTO results (job, attempt, http_status, request_id, response, output, model, finish_reason,
    input_tokens, cached_input_tokens, output_tokens, sent_at, latency_ms, wait_ms, finished_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const MESSAGE_CHARS = 1_000;

/** Records how attempts ended. */
export class Endings {
  readonly #attempts: AttemptLog;
  readonly #tally: AttemptTally;
  readonly #clock: Clock;
  readonly #settle;
  readonly #insertResult;

  constructor(db: Database, attempts: AttemptLog, tally: AttemptTally, clock: Clock) {
    this.#attempts = attempts;
    this.#tally = tally;
    this.#clock = clock;
    this.#settle = db.prepare<unknown[]>(SETTLE);
    this.#insertResult = db.prepare<unknown[]>(INSERT_RESULT);
  }

  /** Part of a write. False where the job was no longer this owner's: then only the attempt is kept. */
  record(ending: Ending, owner: number | null): boolean {
    const isOurs = this.#settleJob(ending, owner);
    if (isOurs && ending.decision.state === "succeeded") this.#keepResult(ending);
    else this.#keepAttempt(ending, owner, isOurs);
    this.#tally.countAttempt(ending);
    if (isOurs) this.#tally.countJob(ending);
    return isOurs;
  }

  #settleJob({ job, outcome, decision }: Ending, owner: number | null): boolean {
    const hasError = decision.state !== "succeeded";
    const { changes } = this.#settle.run(
      decision.state,
      Math.ceil(decision.availableAt),
      Number(decision.countsAsFailure),
      hasError ? outcome.code : null,
      hasError ? outcome.message.slice(0, MESSAGE_CHARS) : null,
      job.id,
      job.attempt,
      owner,
    );
    return changes === 1;
  }

  #keepResult({ job, outcome, timing }: Ending): void {
    const { output, model, finishReason, usage } = outcome.answer!;
    this.#insertResult.run(
      job.id,
      job.attempt,
      outcome.httpStatus,
      outcome.requestId,
      outcome.raw,
      output,
      model,
      finishReason,
      usage.inputTokens,
      usage.cachedInputTokens,
      usage.outputTokens,
      Math.round(timing.sentAt),
      Math.round(timing.latencyMs),
      Math.round(timing.waitMs),
      this.#clock.wall(),
    );
  }

  #keepAttempt(ending: Ending, owner: number | null, isOurs: boolean): void {
    const { job, outcome, decision, timing } = ending;
    this.#attempts.append({
      job: job.id,
      attempt: job.attempt,
      owner,
      kind: outcome.kind,
      code: outcome.code,
      message: outcome.message.slice(0, MESSAGE_CHARS),
      httpStatus: outcome.httpStatus,
      requestId: outcome.requestId,
      sentAt: Math.round(timing.sentAt),
      latencyMs: Math.round(timing.latencyMs),
      retryAfterMs: outcome.retryAfterMs === null ? null : Math.round(outcome.retryAfterMs),
      response: isWorthKeeping(ending, isOurs) ? outcome.raw : null,
      counted: Number(isOurs && decision.countsAsFailure),
    });
  }
}

/** A body that was paid for, or that the export shows. The thousand error pages of an outage are not kept. */
function isWorthKeeping({ outcome, decision }: Ending, isOurs: boolean): boolean {
  return !isOurs || decision.state === "failed" || outcome.kind === "malformed";
}
