import { jobsOf, type KeyRange, keyRange } from "../keys.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Ledger } from "./ledger.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const CHUNK_JOBS = 20_000;

const LAST_INPUT = statement<KeyRange & { run: number }, { last: number; samples: number }>(`
  SELECT coalesce((SELECT max(id) FROM {inputs} WHERE id BETWEEN @first AND @last), 0) AS last,
    coalesce((SELECT samples FROM {runs} WHERE number = @run), 1) AS samples`);
const DELETE_JOBS = ["results WHERE job", "attempts WHERE job", "jobs WHERE id"].map((rows) =>
  statement<KeyRange>(`DELETE FROM ${rows.replace(/^\w+/, "{$&}")} BETWEEN @first AND @last`),
);
const DELETE_INPUTS = statement<KeyRange>("DELETE FROM {inputs} WHERE id BETWEEN @first AND @last");
const DELETE_REST = [
  ...["tallies", "lanes", "doubts", "history", "owners"].map((table) => `{${table}} WHERE run = @run`),
  "{runs} WHERE number = @run",
].map((rows) => statement<{ run: number }>(`DELETE FROM ${rows}`));

/**
 * Deletes a run in chunks, so that no transaction is long. It is withdrawn first: should the process die in
 * between, the run can't be drained, and the next process deletes the rest.
 */
export class RunRemoval {
  readonly #commits: GroupCommit;
  readonly #ledger: Ledger;

  constructor(commits: GroupCommit, ledger: Ledger) {
    this.#commits = commits;
    this.#ledger = ledger;
  }

  /** Deletes a run that was withdrawn, or never became open. From its end, so that no twin is left without its leader. */
  async drop(run: number): Promise<void> {
    const keys = keyRange(run);
    const size = await this.#commits.write((session) => session.first(LAST_INPUT, { ...keys, run }));
    const rows = Math.ceil(CHUNK_JOBS / size!.samples);
    for (let { last } = size!; last >= keys.first; last -= rows) {
      const inputs = { first: Math.max(keys.first, last - rows + 1), last };
      await this.#commits.write((session) => deleteRows(session, inputs, size!.samples), { isLong: true });
    }
    await this.#commits.write(async (session) => {
      await this.#ledger.disown(session, run);
      for (const statement of DELETE_REST) await session.run(statement, { run });
    });
  }
}

async function deleteRows(session: Session, inputs: KeyRange, samples: number): Promise<void> {
  for (const statement of DELETE_JOBS) await session.run(statement, jobsOf(inputs, samples));
  await session.run(DELETE_INPUTS, inputs);
}
