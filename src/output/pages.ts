import type { JobState } from "../domain/job.ts";
import type { ResultRow } from "../ports/results.ts";
import type { Store } from "../ports/store.ts";

const MOST_ROWS = 2_000;
/** The first page is small, as some read only the beginning, again and again. */
const FIRST_ROWS = 100;
/** Most characters of a page, so that rows of megabytes don't fill the memory. */
const PAGE_CHARACTERS = 256 * 1024;

export interface PagesQuery {
  states: readonly JobState[];
  /** Reads the providers' responses too. */
  raw: boolean;
  /** Only rows with an id above this. Default: 0, all. */
  after?: number;
}

/** Reads a run's results in input order, a page at a time. */
export async function* readPages(
  store: Pick<Store, "page">,
  run: string,
  { states, raw, after = 0 }: PagesQuery,
): AsyncGenerator<ResultRow[]> {
  let limit = FIRST_ROWS;
  let last = after;
  for (;;) {
    const rows = await store.page(run, { after: last, limit, maxCharacters: PAGE_CHARACTERS, states, raw });
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)!.id;
    limit = MOST_ROWS;
  }
}
