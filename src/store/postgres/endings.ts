import type { Ending } from "../../domain/ending.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Recovered } from "../../ports/store.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { runOf } from "../keys.ts";
import { attemptOf, type OwnedEnding, resultOf, settlementOf } from "../stored-ending.ts";
import { logAttempts } from "./attempt-log.ts";
import { IS_RUNNING } from "./claims.ts";
import { columnsOf, withoutRepeats } from "./columns.ts";
import { type Doubts, type Fenced, fencedOf } from "./doubts.ts";
import { findOrCreateLanes } from "./lanes.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import type { Twins } from "./twins.ts";

const settle = (fence: string) =>
  statement<Record<string, unknown>, { id: number }>(`
  UPDATE {jobs} SET state = ended.state, available_at = ended.available_at, failures = jobs.failures + ended.failures,
    invalid = jobs.invalid + ended.invalid, asks = jobs.asks + ended.asks, owner = NULL, error_code = ended.code,
    error_message = ended.message
  FROM unnest(@job::bigint[], @attempt::integer[], @owner::bigint[], @state::text[], @availableAt::bigint[],
      @failures::integer[], @invalid::integer[], @asks::integer[], @errorCode::text[], @errorMessage::text[])
    AS ended (id, attempt, owner, state, available_at, failures, invalid, asks, code, message)
  WHERE jobs.id = ended.id AND jobs.attempt = ended.attempt AND ${fence}
  RETURNING jobs.id`);
/** The fence: an end counts only while the job is running under this attempt of this owner. */
const SETTLE = settle(`jobs.owner = ended.owner AND ${IS_RUNNING}`);
/** The end of a job that was taken back counts too while no process has claimed it since. */
const SETTLE_TAKEN_BACK = settle("jobs.state = 'pending'");
const INSERT_RESULTS = statement<Record<string, unknown>>(`
  INSERT INTO {results} (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, service_tier,
    provider, output_characters, response_characters, output, response)
  SELECT job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, service_tier,
    provider, output_characters, response_characters, output, response
  FROM unnest(@job::bigint[], @attempt::integer[], @httpStatus::integer[], @inputTokens::bigint[],
      @cachedInputTokens::bigint[], @cacheWriteTokens::bigint[], @outputTokens::bigint[], @reasoningTokens::bigint[],
      @costUsd::double precision[], @sentAt::bigint[], @latencyMs::bigint[], @waitMs::bigint[], @finishedAt::bigint[],
      @requestId::text[], @model::text[], @finishReason::text[], @serviceTier::text[], @provider::text[],
      @outputCharacters::bigint[], @responseCharacters::bigint[], @output::text[], @response::text[])
    AS given (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason,
      service_tier, provider, output_characters, response_characters, output, response)
  ORDER BY job`);
const KNOWN = statement<Fenced, { job: number }>(`
  SELECT ended.job FROM unnest(@jobs::bigint[], @attempts::integer[], @owners::bigint[]) AS ended (job, attempt, owner)
  WHERE EXISTS (SELECT 1 FROM {results} WHERE results.job = ended.job AND results.attempt = ended.attempt)
    OR EXISTS (SELECT 1 FROM {attempts} WHERE attempts.job = ended.job AND attempts.attempt = ended.attempt
      AND attempts.owner = ended.owner)
    OR NOT EXISTS (SELECT 1 FROM {jobs} WHERE jobs.id = ended.job)`);
const MOVE = statement<{ lane: number; job: number }>(
  "UPDATE {jobs} SET lane = @lane, failures = 0, forgiven = 0, invalid = 0 WHERE id = @job",
);

interface EndingsParts {
  tally: AttemptTally;
  twins: Twins;
  doubts: Doubts;
  clock: Clock;
}

type Before = "running" | "pending";

interface Settled {
  /** The jobs that these ends were recorded of, and the state they were in before. */
  settled: ReadonlyMap<number, Before>;
  /** Those whose attempt was taken for one in doubt until now. */
  doubted: ReadonlySet<number>;
}

/** Records how attempts ended. */
export class Endings {
  readonly #parts: EndingsParts;

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  /** Part of a write. False for those whose job is in other hands or over: then only the attempt is kept. */
  record = async (session: Session, all: readonly OwnedEnding[]): Promise<boolean[]> => {
    const kept: boolean[] = [];
    for (const [ends, places] of withoutRepeats(all)) {
      const ours = await this.#recordOnce(session, ends);
      for (const [at, place] of places.entries()) kept[place] = ours[at]!;
    }
    return kept;
  };

  /** Part of a write. The same for ends that were not recorded in their time; each job at most once among them. */
  async recover(session: Session, all: readonly OwnedEnding[]): Promise<Recovered> {
    const { settled, doubted } = await this.#settle(session, all);
    const rest = all.filter(({ ending: { job } }) => !settled.has(job.id) && !doubted.has(job.id));
    const known = await knownOf(session, rest);
    const fresh = all.filter(({ ending }) => !known.has(ending.job.id));
    await this.#keep(session, fresh, settled);
    return { recorded: settled.size, late: fresh.length - settled.size };
  }

  /** Each job at most once among them. */
  async #recordOnce(session: Session, all: readonly OwnedEnding[]): Promise<boolean[]> {
    const { settled } = await this.#settle(session, all);
    await this.#keep(session, all, settled);
    return all.map(({ ending }) => settled.has(ending.job.id));
  }

  async #settle(session: Session, all: readonly OwnedEnding[]): Promise<Settled> {
    const settled = new Map<number, Before>();
    for (const job of await settledBy(SETTLE, session, all)) settled.set(job, "running");
    const rest = all.filter(({ ending }) => !settled.has(ending.job.id));
    const doubted = new Set(await this.#parts.doubts.resolve(session, rest));
    const takenBack = rest.filter(({ ending }) => doubted.has(ending.job.id));
    for (const job of await settledBy(SETTLE_TAKEN_BACK, session, takenBack)) settled.set(job, "pending");
    return { settled, doubted };
  }

  /** @param settled jobs that the ends were recorded of, and the state they were in before */
  async #keep(session: Session, all: readonly OwnedEnding[], settled: Settled["settled"]): Promise<void> {
    const isOurs = ({ ending }: OwnedEnding): boolean => settled.has(ending.job.id);
    for (const { ending } of all.filter(isOurs)) await moveOn(session, ending);
    const isResult = (one: OwnedEnding): boolean => isOurs(one) && one.ending.decision.state === "succeeded";
    await this.#keepResults(
      session,
      all.filter(isResult).map(({ ending }) => ending),
    );
    await logAttempts(
      session,
      all.filter((one) => !isResult(one)).map((one) => attemptOf(one.ending, one.owner, isOurs(one))),
    );
    await this.#count(session, all, settled);
  }

  async #count(session: Session, all: readonly OwnedEnding[], settled: Settled["settled"]): Promise<void> {
    const { tally, twins } = this.#parts;
    const over = all.filter(
      ({ ending: { job, decision } }) => settled.has(job.id) && decision.state !== "pending",
    );
    await twins.followEach(
      session,
      over.map(({ ending }) => ending.job.id),
    );
    for (const { ending } of all) {
      tally.countAttempt(ending);
      const before = settled.get(ending.job.id);
      if (before !== undefined) tally.countJob(ending, before);
    }
  }

  async #keepResults(session: Session, endings: readonly Ending[]): Promise<void> {
    if (endings.length === 0) return;
    const finishedAt = this.#parts.clock.wall();
    const rows = endings.map((ending) => resultOf(ending, finishedAt));
    await session.run(INSERT_RESULTS, columnsOf(rows));
  }
}

/** The jobs that an end counts for. */
async function settledBy(
  fence: typeof SETTLE,
  session: Session,
  all: readonly OwnedEnding[],
): Promise<number[]> {
  if (all.length === 0) return [];
  return (await session.all(fence, columnsOf(all.map(settlementOf)))).map(({ id }) => id);
}

/** At another stage of the chain a job starts anew: what it failed of before is not held against it. */
async function moveOn(session: Session, { job, decision: { toStage } }: Ending): Promise<void> {
  if (toStage === undefined) return;
  const { id, model, group } = job;
  const [lane] = await findOrCreateLanes(session, runOf(id), [{ model, stage: toStage, group }]);
  await session.run(MOVE, { lane: lane!, job: id });
}

/** Jobs whose attempt is on record by its end, or that were deleted. */
async function knownOf(session: Session, all: readonly OwnedEnding[]): Promise<Set<number>> {
  if (all.length === 0) return new Set();
  return new Set((await session.all(KNOWN, fencedOf(all))).map(({ job }) => job));
}
