import type { JobState } from "../domain/job.ts";
import type { LinesPage, ResultTexts, StretchQuery, TableRow } from "../ports/result-texts.ts";
import { needsText } from "./formats/input-columns.ts";

/** Of usual rows a page of so many lines is still no large object to V8; twice as many cost a tenth more. */
const MOST_ROWS = 250;
/** Of the texts in a page, which is then still short enough not to be kept among V8's large objects for long. */
const PAGE_BYTES = 256 * 1024;

const query = (after: number, states: readonly JobState[]): StretchQuery => ({
  after,
  limit: MOST_ROWS,
  maxBytes: PAGE_BYTES,
  states,
});

/** Reads a run's results as JSON lines, a page at a time. */
export async function* readLines(
  texts: ResultTexts,
  run: string,
  states: readonly JobState[],
): AsyncGenerator<LinesPage> {
  for (let after = 0; ; ) {
    const page = await texts.lines(run, query(after, states));
    if (page === null) return;
    yield page;
    after = page.last;
  }
}

/** Reads a run's results for a table, with the rows' own texts from the first page on that has a row that needs it. */
export async function* readTable(
  texts: ResultTexts,
  run: string,
  states: readonly JobState[],
): AsyncGenerator<TableRow[]> {
  let withTexts = false;
  for (let after = 0; ; ) {
    let page = await texts.table(run, query(after, states), withTexts);
    if (!withTexts && page?.rows.some(needsText)) {
      withTexts = true;
      page = await texts.table(run, query(after, states), withTexts);
    }
    if (page === null) return;
    yield page.rows;
    after = page.last;
  }
}
