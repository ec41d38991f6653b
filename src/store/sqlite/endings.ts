import type { Ending } from "../../domain/ending.ts";
import type { OutcomeKind } from "../../domain/outcome.ts";
import type { Clock } from "../../ports/clock.ts";
import { AttemptLog } from "./attempt-log.ts";
import type { Database } from "./driver.ts";
import { bucketOf } from "./histogram.ts";
import { runOf } from "./keys.ts";
import type { Tallies } from "./tallies.ts";

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
  readonly #tallies: Tallies;
  readonly #clock: Clock;
  readonly #attempts: AttemptLog;
  readonly #settle;
  readonly #insertResult;

  constructor(db: Database, tallies: Tallies, clock: Clock) {
    this.#tallies = tallies;
    this.#clock = clock;
    this.#attempts = new AttemptLog(db);
    this.#settle = db.prepare<unknown[]>(SETTLE);
    this.#insertResult = db.prepare<unknown[]>(INSERT_RESULT);
  }

  /** Part of a write. False where the job was no longer this owner's. */
  record(ending: Ending, owner: number | null): boolean {
    const isOurs = this.#settleJob(ending, owner);
    if (isOurs && ending.decision.state === "succeeded") this.#keepResult(ending);
    else this.#keepAttempt(ending, owner, isOurs);
    this.#countAttempt(ending);
    if (isOurs) this.#countJob(ending);
    return isOurs;
  }

  #settleJob({ job, outcome, decision }: Ending, owner: number | null): boolean {
    const failed = decision.state !== "succeeded";
    const { changes } = this.#settle.run(
      decision.state,
      decision.availableAt,
      Number(decision.countsAsFailure),
      failed ? outcome.code : null,
      failed ? outcome.message.slice(0, MESSAGE_CHARS) : null,
      job.id,
      job.attempt,
      owner,
    );
    return changes === 1;
  }
