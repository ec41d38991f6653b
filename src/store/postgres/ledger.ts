import type { Clock } from "../../ports/clock.ts";
import { SpendSum } from "../spend-sum.ts";
import { TallySum } from "../tally-sum.ts";
import { BEAT } from "./processes.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** So many rows share each counter, by process: at a thousand rows a second eight of them hardly meet. */
const PARTS = 32;

interface AddedTallies {
  runs: number[];
  names: string[];
  values: number[];
  part: number;
}

/** In the order of their keys, as every process writes them: so no two wait for each other. */
const ADD_TALLIES = statement<AddedTallies>(`
  INSERT INTO {tallies} (run, name, part, value)
  SELECT run, name, @part::integer, value
  FROM unnest(@runs::bigint[], @names::text[], @values::bigint[]) AS added (run, name, value) ORDER BY run, name
  ON CONFLICT (run, name, part) DO UPDATE SET value = tallies.value + excluded.value`);
const ADD_UP = `
  ON CONFLICT (run, grp, hour, part) DO UPDATE
    SET tokens = spend.tokens + excluded.tokens, nano_usd = spend.nano_usd + excluded.nano_usd`;

interface AddedSpend {
  runs: number[];
  groups: string[];
  hours: number[];
  tokens: number[];
  nanoUsd: number[];
  part: number;
}

const ADD_SPEND = statement<AddedSpend>(`
  INSERT INTO {spend} (run, grp, hour, part, tokens, nano_usd)
  SELECT run, grp, hour, @part::integer, tokens, nano_usd
  FROM unnest(@runs::bigint[], @groups::text[], @hours::bigint[], @tokens::bigint[], @nanoUsd::bigint[])
    AS added (run, grp, hour, tokens, nano_usd)
  ORDER BY run, grp, hour
  ${ADD_UP}`);
/** What a deleted run has used is of no use any more once it is older than that. */
const FOLD = statement<{ to: number }>(`
  WITH old AS (DELETE FROM {spend} WHERE hour BETWEEN 1 AND @to RETURNING *)
  INSERT INTO {spend} (run, grp, hour, part, tokens, nano_usd)
  SELECT run, grp, 0, 0, sum(tokens), sum(nano_usd) FROM old WHERE run > 0 GROUP BY run, grp
  ${ADD_UP}`);
/** Deleted runs are all one, numbered 0: what they have used still counts for its hour and day. */
const DISOWN = statement<{ run: number }>(`
  WITH gone AS (DELETE FROM {spend} WHERE run = @run RETURNING *)
  INSERT INTO {spend} (run, grp, hour, part, tokens, nano_usd)
  SELECT 0, grp, hour, 0, sum(tokens), sum(nano_usd) FROM gone WHERE hour > 0 GROUP BY grp, hour
  ${ADD_UP}`);
const FORGET_MINUTES = statement<{ runs: number[]; before: number[]; part: number }>(`
  DELETE FROM {tallies} USING unnest(@runs::bigint[], @before::bigint[]) AS old (run, minute)
  WHERE tallies.run = old.run AND part = @part AND name >= 'minute.' AND name < 'minute.' || old.minute`);
const BEAT_ALONE = statement<{ process: number; batch: number }, { beatAt: number }>(BEAT);

/** What the writes of one transaction add to counters and to spend: written once, before its commit. */
export class Ledger {
  readonly tallies = new TallySum();
  readonly spending: SpendSum;
  #forgotten = new Map<number, number>();
  #part = 0;

  constructor(clock: Clock) {
    this.spending = new SpendSum(clock);
  }

  /** Which of the rows that share a counter are this process's. */
  countFor(process: number): void {
    this.#part = process % PARTS;
  }

  /** Deletes what was counted of a run's minutes before this one. */
  forgetMinutes(run: number, before: number): void {
    this.#forgotten.set(run, before);
  }

  /** Part of the write that deletes the run. */
  async disown(session: Session, run: number): Promise<void> {
    await session.run(DISOWN, { run });
  }

  /** Writes what was added until now. */
  async write(session: Session): Promise<void> {
    const changes = this.tallies.take();
    const part = this.#part;
    if (changes.length > 0) {
      await session.run(ADD_TALLIES, {
        runs: changes.map(({ run }) => run),
        names: changes.map(({ name }) => name),
        values: changes.map(({ by }) => by),
        part,
      });
    }
    await this.#writeSpend(session);
    if (this.#forgotten.size > 0) {
      const [runs, before] = [[...this.#forgotten.keys()], [...this.#forgotten.values()]];
      this.#forgotten.clear();
      await session.run(FORGET_MINUTES, { runs, before, part });
    }
  }

  /**
   * The end of a transaction: writes what was added, and says that the process lives.
   * @returns when, by the server's clock; null where it is no longer listed
   */
  async flush(session: Session, beat: { process: number; batch: number }): Promise<number | null> {
    await this.write(session);
    return (await session.first(BEAT_ALONE, beat))?.beatAt ?? null;
  }

  /** Forgets what a transaction added that was undone. */
  clear(): void {
    this.tallies.clear();
    this.spending.clear();
    this.#forgotten.clear();
  }

  async #writeSpend(session: Session): Promise<void> {
    const rows = this.spending.take();
    if (rows.length === 0) return;
    await session.run(ADD_SPEND, {
      runs: rows.map(({ run }) => run),
      groups: rows.map(({ group }) => group),
      hours: rows.map(({ hour }) => hour),
      tokens: rows.map(({ tokens }) => tokens),
      nanoUsd: rows.map(({ nanoUsd }) => nanoUsd),
      part: this.#part,
    });
    const to = this.spending.foldTo();
    if (to !== null) await session.run(FOLD, { to });
  }
}
