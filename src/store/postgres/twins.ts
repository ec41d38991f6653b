import { FOLLOWED } from "../followed.ts";
import type { KeyRange } from "../keys.ts";
import { runOf } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import { countFollowed, type TwinChange } from "../twin-change.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const behind = (leaders: string): string => `${leaders} AND twins.state <> ${FOLLOWED}`;
const changes = (leaders: string): string => `
  SELECT twins.state AS before, twins.error_code AS "codeBefore", ${FOLLOWED} AS after, lead.error_code AS "codeAfter",
    count(*) AS count
  FROM {jobs} AS twins JOIN {jobs} AS lead ON lead.id = twins.twin
  WHERE ${behind(leaders)}
  GROUP BY 1, 2, 3, 4`;
const follow = (leaders: string): string => `
  UPDATE {jobs} AS twins SET state = ${FOLLOWED}, error_code = lead.error_code, error_message = lead.error_message
  FROM {jobs} AS lead WHERE lead.id = twins.twin AND ${behind(leaders)}`;
const IN_RANGE = "twins.twin BETWEEN @first AND @last";
const AMONG = "twins.twin = ANY(@ids::bigint[])";
const RANGE = {
  changes: statement<KeyRange, TwinChange>(changes(IN_RANGE)),
  follow: statement<KeyRange>(follow(IN_RANGE)),
};
const LIST = {
  changes: statement<{ ids: number[] }, TwinChange & { run: number }>(
    changes(AMONG)
      .replace("SELECT", "SELECT lead.id >> 32 AS run,")
      .replace("GROUP BY 1, 2, 3, 4", "GROUP BY 1, 2, 3, 4, 5"),
  ),
  follow: statement<{ ids: number[] }>(follow(AMONG)),
};
const LEADER = statement<{ job: number }, { twin: number }>(
  "SELECT twin FROM {jobs} WHERE id = @job AND twin IS NOT NULL",
);
const HAS_TWINS = statement<{ run: number }, object>(
  "SELECT FROM {tallies} WHERE run = @run AND name = 'shared.dedupe' LIMIT 1",
);

/**
 * Jobs whose request is that of an earlier job of the run, their leader. A twin is never claimed and has no attempts or
 * result of its own: it takes over every end of its leader, and is pending again when that is. A leader is never a twin.
 */
export class Twins {
  readonly #tallies: TallySum;
  /** Runs that are known to have none, or some: that is decided when they are read in. */
  readonly #known = new Map<number, boolean>();

  constructor(tallies: TallySum) {
    this.#tallies = tallies;
  }

  /**
   * Brings the twins of these leaders to where their leaders are; part of the write that changed those.
   * @returns how many were not there yet
   */
  async follow(session: Session, leaders: KeyRange): Promise<number> {
    const found = await session.all(RANGE.changes, leaders);
    if (found.length === 0) return 0;
    const run = runOf(leaders.first);
    for (const change of found) countFollowed(this.#tallies, run, change);
    return session.run(RANGE.follow, leaders);
  }

  /** As `follow`, for single jobs, perhaps of several runs. */
  async followEach(session: Session, leaders: readonly number[]): Promise<void> {
    const ids: number[] = [];
    for (const leader of leaders) if (await this.#hasTwins(session, runOf(leader))) ids.push(leader);
    if (ids.length === 0) return;
    const found = await session.all(LIST.changes, { ids });
    if (found.length === 0) return;
    for (const { run, ...change } of found) countFollowed(this.#tallies, run, change);
    await session.run(LIST.follow, { ids });
  }

  /** The jobs that decide over these, which are of one row: their leaders where they are twins, else themselves. */
  async leadersOf(session: Session, { first, last }: KeyRange): Promise<KeyRange> {
    const leader = (await session.first(LEADER, { job: first }))?.twin ?? first;
    return { first: leader, last: leader + last - first };
  }

  async #hasTwins(session: Session, run: number): Promise<boolean> {
    const known = this.#known.get(run);
    if (known !== undefined) return known;
    const has = (await session.first(HAS_TWINS, { run })) !== undefined;
    this.#known.set(run, has);
    return has;
  }
}
