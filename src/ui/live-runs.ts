import { inputNames } from "../domain/run.ts";
import { runStatus } from "../observe/status.ts";
import type { ListedRun, RunList } from "../report/report-data.ts";
import { LiveRun, type LiveRunParts } from "./live-run.ts";

/** Runs that the page can switch to at most: the newest. */
const LISTED_RUNS = 100;

/** All runs of the database, each as its own page. */
export class LiveRuns {
  readonly #parts: Omit<LiveRunParts, "run">;

  constructor(parts: Omit<LiveRunParts, "run">) {
    this.#parts = parts;
  }

  async find(id: string): Promise<LiveRun | null> {
    const run = await this.#parts.store.findRun({ id });
    return run && new LiveRun({ ...this.#parts, run });
  }

  /** A run if it is still there, else the newest one; null where there is none. */
  async known(id: string): Promise<string | null> {
    const { store } = this.#parts;
    const run = (await store.findRun({ id })) ?? (await store.listRuns()).at(0);
    return run?.id ?? null;
  }

  /** The newest runs, newest first, and the one whose page is shown, whatever its age. */
  async list(shown: string): Promise<RunList> {
    const { store } = this.#parts;
    const all = await store.listRuns();
    const listed = all.filter(({ id }, at) => at < LISTED_RUNS || id === shown);
    const runs: ListedRun[] = [];
    for (const run of listed) {
      const { state, jobs } = await runStatus(store, run, false);
      const input = inputNames(run.sources.map(({ path }) => path));
      runs.push({ run: run.id, state, input, createdAt: run.createdAt, jobs });
    }
    return { runs, left: all.length - listed.length };
  }
}
