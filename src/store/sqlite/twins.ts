import type { JobState } from "../../domain/job.ts";
import { FOLLOWED } from "../followed.ts";
import { type KeyRange, keyRange, runOf } from "../keys.ts";
import { countFollowed, type TwinChange } from "../twin-change.ts";
import type { Database } from "./driver.ts";
import type { Tallies } from "./tallies.ts";

const LINK = `
  UPDATE jobs SET lane = NULL, twin = id - @shift,
    state = (SELECT lead.state FROM jobs AS lead WHERE lead.id = jobs.id - @shift)
  WHERE id BETWEEN @first AND @last
  RETURNING state`;
const IS_BEHIND = `twins.twin BETWEEN @first AND @last AND twins.state <> ${FOLLOWED}`;
const CHANGES = `
  SELECT twins.state AS before, twins.error_code AS codeBefore, ${FOLLOWED} AS after, lead.error_code AS codeAfter,
    count(*) AS count
  FROM jobs AS twins CROSS JOIN jobs AS lead ON lead.id = twins.twin
  WHERE ${IS_BEHIND}
  GROUP BY 1, 2, 3, 4`;
const FOLLOW = `
  UPDATE jobs AS twins SET state = ${FOLLOWED}, error_code = lead.error_code, error_message = lead.error_message
  FROM jobs AS lead WHERE lead.id = twins.twin AND ${IS_BEHIND}`;
const ANY = "SELECT 1 FROM jobs WHERE twin BETWEEN @first AND @last LIMIT 1";
const LEADER = "SELECT twin FROM jobs WHERE id = ? AND twin IS NOT NULL";

/**
 * Jobs whose request is that of an earlier job of the run, their leader. A twin is never claimed and has no attempts or
 * result of its own: it takes over every end of its leader, and is pending again when that is. A leader is never a twin.
 */
export class Twins {
  readonly #tallies: Tallies;
  readonly #link;
  readonly #changes;
  readonly #follow;
  readonly #leader;
  readonly #any;
  /** Whether a run has twins, which are all made at its import. */
  readonly #runs = new Map<number, boolean>();

  constructor(db: Database, tallies: Tallies) {
    this.#tallies = tallies;
    this.#link = db.prepare<[KeyRange & { shift: number }], JobState>(LINK).pluck();
    this.#changes = db.prepare<[KeyRange], TwinChange>(CHANGES);
    this.#follow = db.prepare<[KeyRange]>(FOLLOW);
    this.#any = db.prepare<[KeyRange]>(ANY);
    this.#leader = db.prepare<[number], number>(LEADER).pluck();
  }

  /** Makes fresh jobs twins of those `shift` before them; part of a write. */
  link(jobs: KeyRange, shift: number): void {
    const run = runOf(jobs.first);
    for (const state of this.#link.all({ ...jobs, shift })) {
      this.#tallies.add(run, "jobs.pending", -1);
      this.#tallies.add(run, `jobs.${state}`, 1);
      this.#tallies.add(run, "shared.dedupe", 1);
    }
  }

  /**
   * Brings the twins of these leaders to where their leaders are; part of the write that changed those.
   * @returns how many were not there yet
   */
  follow(leaders: KeyRange): number {
    const changes = this.#changes.all(leaders);
    if (changes.length === 0) return 0;
    const run = runOf(leaders.first);
    for (const change of changes) countFollowed(this.#tallies, run, change);
    return this.#follow.run(leaders).changes;
  }

  /** As `follow`, for the twins of one job of an open run. Called for every row: most runs have no twins. */
  followOne(leader: number): void {
    if (this.#hasTwins(runOf(leader))) this.follow({ first: leader, last: leader });
  }

  /** The jobs that decide over these, which are of one row: their leaders where they are twins, else themselves. */
  leadersOf({ first, last }: KeyRange): KeyRange {
    const leader = this.#leader.get(first) ?? first;
    return { first: leader, last: leader + last - first };
  }

  #hasTwins(run: number): boolean {
    let known = this.#runs.get(run);
    if (known === undefined) {
      known = this.#any.get(keyRange(run)) !== undefined;
      this.#runs.set(run, known);
    }
    return known;
  }
}
