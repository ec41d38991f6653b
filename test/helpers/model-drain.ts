import { decide, type RetryRules } from "../../src/control/decide.ts";
import { Gate, type GateOptions } from "../../src/control/gate.ts";
import type { GateEvent } from "../../src/control/gate-event.ts";
import type { ClaimedJob } from "../../src/domain/job.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { claimedJob } from "./claimed-job.ts";
import { turn } from "./gate-rig.ts";
import type { ManualClock } from "./manual-clock.ts";

/** How a call ends, and when. */
export interface Reply {
  afterMs: number;
  outcome: Outcome;
}

interface Row {
  id: number;
  attempts: number;
  failures: number;
  forgiven: number;
  availableAt: number;
  state: "pending" | "running" | "succeeded" | "failed";
}

/** A failure is given back so often at most, as the job table does. */
const FORGIVEN_AT_MOST = 10;
const CLAIM_AHEAD_MS = 250;
const RULES: RetryRules = { maxAttempts: 5, schemaAttempts: 3, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

/** The smallest drain: a job table in memory around a gate, on a manual clock. */
export class ModelDrain {
  readonly rows: Row[];
  /** Monotonic times of the sendings, with the job. */
  readonly sent: { at: number; job: number }[] = [];
  readonly succeededAt: number[] = [];
  readonly events: GateEvent[] = [];
  readonly #gate: Gate;
  readonly #clock: ManualClock;
  readonly #slots: number;
  readonly #reply: (job: ClaimedJob, now: number) => Reply;
  readonly #forgiven = new Set<string>();
  #fresh = 0;
  #left: number;
  #retries: Row[] = [];
  #inHand = 0;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(
    rows: number,
    options: Omit<GateOptions, "clock" | "saved" | "onEvent"> & { clock: ManualClock },
    reply: (job: ClaimedJob, now: number) => Reply,
  ) {
    this.#clock = options.clock;
    this.#slots = options.maxConcurrency;
    this.#reply = reply;
    this.#left = rows;
    this.rows = Array.from({ length: rows }, (_, id) => {
      return { id, attempts: 0, failures: 0, forgiven: 0, availableAt: 0, state: "pending" };
    });
    this.#gate = new Gate({ ...options, saved: null, onEvent: (event) => this.#onEvent(event) });
  }

  /** Runs until every row has ended, or for so long. */
  async run(forMs: number): Promise<void> {
    const end = this.#clock.now() + forMs;
    this.#refill();
    await turn();
    while (this.#clock.now() < end && this.#left > 0) {
      if (!this.#clock.advanceToNext()) throw new Error("rows are left, and nothing will ever happen");
      await turn();
    }
    this.#gate.shut();
  }

  count(state: Row["state"]): number {
    return this.rows.filter((row) => row.state === state).length;
  }

  #onEvent(event: GateEvent): void {
    this.events.push(event);
    if ("forgive" in event) for (const { job, attempt } of event.forgive) this.#forgive(job, attempt);
    queueMicrotask(() => this.#refill());
  }

  /** Some failures are forgiven before they are recorded: those of the call that is being settled. */
  #forgive(job: number, attempt: number): void {
    const row = this.rows[job]!;
    if (row.forgiven === FORGIVEN_AT_MOST) return;
    row.forgiven += 1;
    if (row.state === "running" && row.attempts === attempt) this.#forgiven.add(`${job}.${attempt}`);
    else {
      row.failures -= 1;
      if (row.state !== "failed") return;
      this.#left += 1;
      this.#again(row, 0);
    }
  }

  #refill(): void {
    for (let room = this.#gate.room(CLAIM_AHEAD_MS, 0); room > 0 && this.#inHand < this.#slots; room -= 1) {
      const row = this.#claim();
      if (!row) break;
      this.#work(row);
    }
    this.#wakeForRetries();
  }

  /** Retries that are due first, then in input order. */
  #claim(): Row | undefined {
    const due = this.#retries.findIndex((row) => row.availableAt <= this.#clock.wall());
    const row = due >= 0 ? this.#retries.splice(due, 1)[0] : this.rows[this.#fresh];
    if (due < 0) this.#fresh += 1;
    return row;
  }

  #wakeForRetries(): void {
    const next = Math.min(...this.#retries.map((row) => row.availableAt));
    const at = this.#clock.now() + Math.max(0, next - this.#clock.wall());
    if (next === Number.POSITIVE_INFINITY || at >= this.#wakeAt) return;
    if (next <= this.#clock.wall()) return;
    this.#wakeAt = at;
    this.#clock.timer(at, () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#refill();
    });
  }

  async #work(row: Row): Promise<void> {
    this.#inHand += 1;
    row.state = "running";
    row.attempts += 1;
    const job = claimedJob(row.id, { attempt: row.attempts, failures: row.failures });
    const permit = (await this.#gate.admit(job, { inputTokens: 10, outputTokens: 10 }))!;
    const now = this.#clock.now();
    this.sent.push({ at: now, job: row.id });
    const { afterMs, outcome } = this.#reply(job, now);
    this.#clock.timer(now + afterMs, () => {
      this.#gate.settle(permit, outcome);
      this.#record(row, job, outcome);
      this.#inHand -= 1;
      this.#refill();
    });
  }

  #record(row: Row, job: ClaimedJob, outcome: Outcome): void {
    const { state, availableAt, countsAs } = decide(job, outcome, RULES, {
      wallMs: this.#clock.wall(),
      random: () => 0.5,
    });
    const forgiven = this.#forgiven.delete(`${job.id}.${job.attempt}`);
    if (countsAs === "failure" && !forgiven) row.failures += 1;
    if (state === "pending" || (forgiven && state === "failed")) {
      this.#again(row, availableAt);
      return;
    }
    row.state = state;
    this.#left -= 1;
    if (state === "succeeded") this.succeededAt.push(this.#clock.now());
  }

  #again(row: Row, availableAt: number): void {
    row.state = "pending";
    row.availableAt = availableAt;
    this.#retries.push(row);
  }
}
