import type { Run, RunState } from "../../domain/run.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { Stops } from "./stops.ts";
import type { Tallies } from "./tallies.ts";

const SET_OPTIONS = "UPDATE runs SET options = ?, output = ? WHERE number = ?";
const SET_WRITTEN = "UPDATE runs SET written = ? WHERE number = ?";
const STATE = "SELECT state FROM runs WHERE number = ?";
const UNFINISHED = `
  SELECT coalesce(sum(value), 0) FROM tallies WHERE run = ? AND name IN ('jobs.pending', 'jobs.running')`;
const END = "UPDATE runs SET state = ?, finished_at = ? WHERE number = ? AND state = 'open'";
const REOPEN = `
  UPDATE runs SET state = 'open', finished_at = NULL WHERE number = ? AND state IN ('finished', 'cancelled')`;
const CANCEL = `
  UPDATE jobs SET state = 'cancelled', owner = NULL, available_at = 0
  WHERE id BETWEEN @first AND @last AND state = @state`;

/** What changes a run as a whole. Every method is part of a write. */
export class RunChanges {
  readonly #tallies: Tallies;
  readonly #stops: Stops;
  readonly #setOptions;
  readonly #setWritten;
  readonly #state;
  readonly #unfinished;
  readonly #end;
  readonly #reopen;
  readonly #cancel;

  constructor(db: Database, tallies: Tallies, stops: Stops) {
    this.#tallies = tallies;
    this.#stops = stops;
    this.#setOptions = db.prepare<[string, string | null, number]>(SET_OPTIONS);
    this.#setWritten = db.prepare<[string, number]>(SET_WRITTEN);
    this.#state = db.prepare<[number], RunState>(STATE).pluck();
    this.#unfinished = db.prepare<[number], number>(UNFINISHED).pluck();
    this.#end = db.prepare<[RunState, number, number]>(END);
    this.#reopen = db.prepare<[number]>(REOPEN);
    this.#cancel = db.prepare<[KeyRange & { state: string }]>(CANCEL);
  }

  setOptions(run: number, options: Run["options"], output: string | null): void {
    this.#setOptions.run(JSON.stringify(options), output, run);
  }

  setWritten(run: number, path: string): void {
    this.#setWritten.run(path, run);
  }

  /** True when nothing is left to do, be the run finished or cancelled. */
  finish(run: number, wallMs: number): boolean {
    // What earlier writes of the same group added counts too.
    this.#tallies.flush();
    if (this.#unfinished.get(run) === 0) this.#endAs("finished", run, wallMs);
    const state = this.#state.get(run);
    return state === "finished" || state === "cancelled";
  }

  /** Cancels what is pending, and what is running too: a late result changes nothing any more. */
  cancel(run: number, wallMs: number): number {
    if (!this.#endAs("cancelled", run, wallMs)) return 0;
    let cancelled = 0;
    for (const state of ["pending", "running"]) {
      const { changes } = this.#cancel.run({ ...keyRange(run), state });
      this.#tallies.add(run, `jobs.${state}`, -changes);
      cancelled += changes;
    }
    this.#tallies.add(run, "jobs.cancelled", cancelled);
    return cancelled;
  }

  /** A run that has ended hasn't stopped. False where it wasn't open. */
  #endAs(state: RunState, run: number, wallMs: number): boolean {
    const { changes } = this.#end.run(state, wallMs, run);
    if (changes > 0) this.#stops.forget(run);
    return changes > 0;
  }

  /** A run that has pending jobs again is open. */
  reopen(run: number): void {
    this.#reopen.run(run);
  }
}
