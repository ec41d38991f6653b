import { jobsOf, type KeyRange, keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Spending } from "./spending.ts";

const CHUNK_JOBS = 20_000;

const WITHDRAW = "UPDATE runs SET state = 'importing' WHERE number = ?";
const LAST_INPUT = "SELECT max(id) FROM inputs WHERE id BETWEEN @first AND @last";
const SAMPLES = "SELECT samples FROM runs WHERE number = ?";
const DELETE_JOBS: readonly string[] = [
  "DELETE FROM results WHERE job BETWEEN @first AND @last",
  "DELETE FROM attempts WHERE job BETWEEN @first AND @last",
  "DELETE FROM jobs WHERE id BETWEEN @first AND @last",
];
const DELETE_INPUTS = "DELETE FROM inputs WHERE id BETWEEN @first AND @last";
const DELETE_REST: readonly string[] = [
  "DELETE FROM tallies WHERE run = ?",
  "DELETE FROM lanes WHERE run = ?",
  "DELETE FROM doubts WHERE run = ?",
  "DELETE FROM history WHERE run = ?",
  "DELETE FROM owners WHERE run = ?",
  "DELETE FROM runs WHERE number = ?",
];

/**
 * Deletes a run in chunks, so that no transaction is long. It is withdrawn first: should the process die in
 * between, the run can't be drained, and the next process deletes the rest.
 */
export class RunRemoval {
  readonly #commits: GroupCommit;
  readonly #spending: Spending;
  readonly #withdraw;
  readonly #lastInput;
  readonly #samples;
  readonly #deleteJobs;
  readonly #deleteInputs;
  readonly #deleteRest;

  constructor(db: Database, commits: GroupCommit, spending: Spending) {
    this.#commits = commits;
    this.#spending = spending;
    this.#withdraw = db.prepare<[number]>(WITHDRAW);
    this.#lastInput = db.prepare<[KeyRange], number | null>(LAST_INPUT).pluck();
    this.#samples = db.prepare<[number], number>(SAMPLES).pluck();
    this.#deleteJobs = DELETE_JOBS.map((sql) => db.prepare<[KeyRange]>(sql));
    this.#deleteInputs = db.prepare<[KeyRange]>(DELETE_INPUTS);
    this.#deleteRest = DELETE_REST.map((sql) => db.prepare<[number]>(sql));
  }

  /** Marks the run as gone; part of a write. */
  withdraw(run: number): void {
    this.#withdraw.run(run);
  }

  /** Deletes a run that was withdrawn, or never became open. From its end, so that no twin is left without its leader. */
  async drop(run: number): Promise<void> {
    const { first } = keyRange(run);
    const samples = await this.#commits.write(() => this.#samples.get(run) ?? 1);
    const rows = Math.ceil(CHUNK_JOBS / samples);
    for (let last = await this.#lastOf(run); last >= first; last -= rows) {
      const inputs = { first: Math.max(first, last - rows + 1), last };
      await this.#commits.write(() => {
        for (const statement of this.#deleteJobs) statement.run(jobsOf(inputs, samples));
        this.#deleteInputs.run(inputs);
      });
    }
    await this.#commits.write(() => {
      this.#spending.disown(run);
      for (const statement of this.#deleteRest) statement.run(run);
    });
  }

  #lastOf(run: number): Promise<number> {
    return this.#commits.write(() => this.#lastInput.get(keyRange(run)) ?? 0);
  }
}
