import type { JobState } from "../domain/job.ts";
import type { ResultRow, Store } from "../ports/store.ts";

const MOST_ROWS = 2_000;
const FIRST_ROWS = 100;
/** What a page should hold at most, so that rows of megabytes don't fill the memory. */
const PAGE_CHARACTERS = 16 * 1024 * 1024;

/** Reads a run's results in input order, a page at a time; the next page's size goes by the rows of the last. */
export async function* readPages(
  store: Pick<Store, "page">,
  run: string,
  { states, raw }: { states: readonly JobState[]; raw: boolean },
): AsyncGenerator<ResultRow[]> {
  let limit = FIRST_ROWS;
  let after = 0;
  for (;;) {
    const rows = await store.page(run, { after, limit, states, raw });
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)!.id;
    limit = nextLimit(rows);
  }
}

function nextLimit(rows: readonly ResultRow[]): number {
  let characters = 1;
  for (const { row, output, raw } of rows)
    characters += row.length + (output?.length ?? 0) + (raw?.length ?? 0);
  const fitting = Math.floor((PAGE_CHARACTERS / characters) * rows.length);
  return Math.min(MOST_ROWS, Math.max(1, fitting));
}
