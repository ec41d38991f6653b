import { JOB_STATES } from "../domain/job.ts";
import type { ResultRow } from "../ports/results.ts";
import type { Store } from "../ports/store.ts";
import { type PagesQuery, readPages } from "./pages.ts";

/** When to look at a run again that is followed, and when for the last time. */
export interface Watch {
  /** Whether nothing more is to be waited for. */
  isOver(): Promise<boolean>;
  /** Settles when it is time to look again. */
  pause(): Promise<void>;
}

/** Reads a run's results in input order as rows are done: up to the first one that isn't, then on from there. */
export async function* followPages(
  store: Pick<Store, "page">,
  run: string,
  { states, raw }: PagesQuery,
  watch: Watch,
): AsyncGenerator<ResultRow[]> {
  let after = 0;
  for (;;) {
    // Asked before reading: what was recorded last is then not missed.
    const isOver = await watch.isOver();
    for await (const rows of readPages(store, run, { states: JOB_STATES, raw, after })) {
      const done = rows.slice(0, doneCount(rows));
      after = done.at(-1)?.id ?? after;
      yield done.filter(({ state }) => states.includes(state));
      if (done.length < rows.length) break;
    }
    if (isOver) return;
    await watch.pause();
  }
}

function doneCount(rows: readonly ResultRow[]): number {
  const open = rows.findIndex(({ state }) => state === "pending" || state === "running");
  return open < 0 ? rows.length : open;
}
