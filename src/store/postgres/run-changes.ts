import type { Run, RunState } from "../../domain/run.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import type { Ledger } from "./ledger.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import { forgetStops } from "./stops.ts";

const LOCK = statement<{ run: number }, { state: RunState }>(
  "SELECT state FROM {runs} WHERE number = @run FOR UPDATE",
);
const SET_OPTIONS = statement<{ options: string; output: string | null; run: number }>(
  "UPDATE {runs} SET options = @options, output = @output WHERE number = @run",
);
const SET_WRITTEN = statement<{ path: string; run: number }>(
  "UPDATE {runs} SET written = @path WHERE number = @run",
);
const UNFINISHED = statement<{ run: number }, { count: number }>(`
  SELECT coalesce(sum(value), 0) AS count FROM {tallies}
  WHERE run = @run AND name IN ('jobs.pending', 'jobs.running')`);
const END = statement<{ state: RunState; wallMs: number; run: number }>(
  "UPDATE {runs} SET state = @state, finished_at = @wallMs WHERE number = @run AND state = 'open'",
);
const REOPEN = statement<{ run: number }>(`
  UPDATE {runs} SET state = 'open', finished_at = NULL WHERE number = @run AND state IN ('finished', 'cancelled')`);
const CANCEL = statement<KeyRange & { state: string }>(`
  UPDATE {jobs} SET state = 'cancelled', owner = NULL, available_at = 0
  WHERE id BETWEEN @first AND @last AND state = @state`);
const WITHDRAW = statement<{ run: number }>("UPDATE {runs} SET state = 'importing' WHERE number = @run");

/** What changes a run as a whole. Every method is part of a write. */
export class RunChanges {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** For who may end a run or open it again: of those, one at a time. */
  async lock(session: Session, run: number): Promise<RunState | null> {
    return (await session.first(LOCK, { run }))?.state ?? null;
  }

  async setOptions(
    session: Session,
    run: number,
    options: Run["options"],
    output: string | null,
  ): Promise<void> {
    await session.run(SET_OPTIONS, { options: JSON.stringify(options), output, run });
  }

  async setWritten(session: Session, run: number, path: string): Promise<void> {
    await session.run(SET_WRITTEN, { path, run });
  }

  /** True when nothing is left to do, be the run finished or cancelled. */
  async finish(session: Session, run: number, wallMs: number): Promise<boolean> {
    // What earlier writes of the same group added counts too.
    await this.#ledger.write(session);
    if ((await session.first(UNFINISHED, { run }))!.count > 0) return false;
    const state = await this.lock(session, run);
    if (state !== "open") return state === "finished" || state === "cancelled";
    // Somebody may have put rows back before we had the lock.
    if ((await session.first(UNFINISHED, { run }))!.count > 0) return false;
    return this.#endAs(session, { state: "finished", wallMs, run });
  }

  /** Cancels what is pending, and what is running too: a late result changes nothing any more. */
  async cancel(session: Session, run: number, wallMs: number): Promise<number> {
    await this.lock(session, run);
    if (!(await this.#endAs(session, { state: "cancelled", wallMs, run }))) return 0;
    let all = 0;
    // What changes from one to the other meanwhile, in another transaction, is found by the next round.
    for (let cancelled = -1; cancelled !== 0; all += cancelled) {
      cancelled = 0;
      for (const state of ["pending", "running"]) {
        const count = await session.run(CANCEL, { ...keyRange(run), state });
        this.#ledger.tallies.add(run, `jobs.${state}`, -count);
        cancelled += count;
      }
    }
    this.#ledger.tallies.add(run, "jobs.cancelled", all);
    return all;
  }

  /** A run that has ended hasn't stopped. False where it wasn't open. */
  async #endAs(session: Session, end: { state: RunState; wallMs: number; run: number }): Promise<boolean> {
    const hasEnded = (await session.run(END, end)) > 0;
    if (hasEnded) await forgetStops(session, end.run);
    return hasEnded;
  }

  /** A run that has pending jobs again is open. */
  async reopen(session: Session, run: number): Promise<void> {
    await session.run(REOPEN, { run });
  }

  /** Marks a run as gone. */
  async withdraw(session: Session, run: number): Promise<void> {
    await session.run(WITHDRAW, { run });
  }
}
