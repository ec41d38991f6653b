import type { RunOptions } from "../../config/run-options.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import { StopSwitch } from "../../scheduler/stop.ts";
import type { Invocation } from "../context.ts";
import { withStore } from "../session/open-database.ts";
import { storedOptions } from "../session/resume-run.ts";
import { runSession } from "../session/run-session.ts";
import { stopOnSignals } from "../session/signals.ts";
import { printableLine } from "../text/printable.ts";

/** How often to look for runs: the server's news of a new one may get lost, as behind a pooler. */
const LOOK_EVERY_MS = 5_000;
/** How long a run is left alone that this process couldn't go on with. */
const SET_ASIDE_MS = 60_000;
const SIGNALLED: readonly ExitCode[] = [ExitCode.sighup, ExitCode.sigint, ExitCode.sigterm];

/**
 * `llm-batch work`: works on the unfinished runs of the database, the oldest first, and waits for more. The machines of a fleet
 * may start before its first run: they make the tables in a server's database. A file that isn't there is a slip.
 */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const mustExist = invocation.globals.address === null;
  return withStore(invocation, (store) => new Worker(invocation, store).work(), { mustExist });
}

class Worker {
  readonly #invocation: Invocation;
  readonly #store: Store;
  readonly #clock: Clock;
  /** When runs that were set aside are tried again, by their ids. */
  readonly #setAside = new Map<string, number>();
  /** What ended the run that was set aside last. */
  #lastCode: ExitCode = ExitCode.ok;
  #isIdle = false;

  constructor(invocation: Invocation, store: Store) {
    this.#invocation = invocation;
    this.#store = store;
    this.#clock = invocation.context.clock;
  }

  async work(): Promise<ExitCode> {
    for (;;) {
      const run = await this.#next();
      if (run !== null) {
        const code = await this.#workOn(run);
        if (SIGNALLED.includes(code)) return code;
        continue;
      }
      if (this.#invocation.flags.exitWhenIdle === true) return this.#lastCode;
      const code = await this.#wait();
      if (code !== null) return code;
    }
  }

  /** The oldest run with work left, those apart that this process can't go on with now. */
  async #next(): Promise<Run | null> {
    const now = this.#clock.now();
    const open = (await this.#store.listRuns()).filter(({ state }) => state === "open").reverse();
    return open.find(({ id }) => (this.#setAside.get(id) ?? now) <= now) ?? null;
  }

  async #workOn(run: Run): Promise<ExitCode> {
    this.#isIdle = false;
    const code = await this.#tryToWorkOn(run);
    const isOver = code === ExitCode.ok || code === ExitCode.rowsFailed;
    if (!isOver) {
      this.#lastCode = code;
      await this.#store.detach(run.id);
      this.#setAside.set(run.id, this.#clock.now() + SET_ASIDE_MS);
    }
    return code;
  }

  /** An error of one run, such as a key that this machine lacks, sets that run aside; the others go on. */
  async #tryToWorkOn(run: Run): Promise<ExitCode> {
    try {
      const { options } = storedOptions(this.#invocation, run);
      this.#say(`working on ${run.id}`);
      return await this.#session(run, options);
    } catch (error) {
      if (!(error instanceof LlmBatchError) || error.code.startsWith("DB_")) throw error;
      this.#say(`${run.id}: ${error.code}: ${error.message}; hint: ${error.hint}`);
      return error.exitCode;
    }
  }

  /** Only one worker of a machine can have the port for metrics; the others go without. */
  async #session(run: Run, options: RunOptions): Promise<ExitCode> {
    // Its file is written by who started it, where it was started.
    const session = (chosen: RunOptions): Promise<ExitCode> =>
      runSession(this.#invocation, this.#store, { ...run, output: null }, chosen);
    try {
      return await session(options);
    } catch (error) {
      if (!(error instanceof LlmBatchError) || error.code !== "CANNOT_LISTEN") throw error;
      this.#say(`${run.id}: ${error.message}; going on without`);
      return session({ ...options, metricsPort: null });
    }
  }

  /** @returns what to exit with where a signal came */
  async #wait(): Promise<ExitCode | null> {
    if (!this.#isIdle) this.#say("no work left; waiting for a run");
    this.#isIdle = true;
    const stop = new StopSwitch();
    const restoreSignals = stopOnSignals(stop, this.#clock, () => {});
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.timer(this.#clock.now() + LOOK_EVERY_MS, () => wake());
      const stopListening = this.#store.onNews(() => wake());
      const wake = (): void => {
        cancel();
        stopListening();
        resolve();
      };
      stop.onStop(wake);
    });
    restoreSignals();
    return stop.reason?.exitCode ?? null;
  }

  #say(text: string): void {
    const { context, globals } = this.#invocation;
    if (!globals.quiet) context.stderr.write(`${printableLine(text)}\n`);
  }
}
