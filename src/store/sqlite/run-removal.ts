import type { Database } from "./driver.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type KeyRange, keyRange } from "./keys.ts";

const CHUNK_ROWS = 20_000;

const WITHDRAW = "UPDATE runs SET state = 'importing' WHERE number = ?";
const LAST_INPUT = "SELECT max(id) FROM inputs WHERE id BETWEEN @first AND @last";
const DELETE_ROWS: readonly string[] = [
  "DELETE FROM results WHERE job BETWEEN @first AND @last",
  "DELETE FROM attempts WHERE job BETWEEN @first AND @last",
  "DELETE FROM jobs WHERE id BETWEEN @first AND @last",
  "DELETE FROM inputs WHERE id BETWEEN @first AND @last",
];
const DELETE_REST: readonly string[] = [
  "DELETE FROM tallies WHERE run = ?",
  "DELETE FROM lanes WHERE run = ?",
  "DELETE FROM owners WHERE run = ?",
  "DELETE FROM runs WHERE number = ?",
];

/**
 * Deletes a run in chunks, so that no transaction is long. It is withdrawn first: should the process die in
 * between, the run can't be drained, and the next process deletes the rest.
 */
export class RunRemoval {
  readonly #commits: GroupCommit;
  readonly #withdraw;
  readonly #lastInput;
  readonly #deleteRows;
  readonly #deleteRest;

  constructor(db: Database, commits: GroupCommit) {
    this.#commits = commits;
    this.#withdraw = db.prepare<[number]>(WITHDRAW);
    this.#lastInput = db.prepare<[KeyRange], number | null>(LAST_INPUT).pluck();
    this.#deleteRows = DELETE_ROWS.map((sql) => db.prepare<[KeyRange]>(sql));
    this.#deleteRest = DELETE_REST.map((sql) => db.prepare<[number]>(sql));
  }

  /** Marks the run as gone; part of a write. */
  withdraw(run: number): void {
    this.#withdraw.run(run);
  }

  /** Deletes a run that was withdrawn, or never became open. */
  async drop(run: number): Promise<void> {
    const { first } = keyRange(run);
    const last = await this.#commits.write(() => this.#lastInput.get(keyRange(run)) ?? 0);
    for (let from = first; from <= last; from += CHUNK_ROWS) {
      const chunk = { first: from, last: from + CHUNK_ROWS - 1 };
      await this.#commits.write(() => {
        for (const statement of this.#deleteRows) statement.run(chunk);
      });
    }
    await this.#commits.write(() => {
      for (const statement of this.#deleteRest) statement.run(run);
    });
  }
}
