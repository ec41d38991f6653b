import type { ReportedRow } from "../report-data.ts";

/** A stretch of the run, with those of its rows that fit, as one answer brought them. */
export interface RowPage {
  /** The cursors between which the rows stand, the second one included; null for the end of the run. */
  after: number;
  until: number | null;
  rows: readonly ReportedRow[];
  /** How often the run had moved when this was asked for. */
  readAt: number;
}

/** The rows that are shown: stretches without a gap between them, each as old as its last reading. */
export class RowPages {
  /** In input order. The list stays the same one, and so do its rows as long as they are shown. */
  readonly rows: ReportedRow[] = [];
  #pages: readonly RowPage[] = [];

  /** Where the list goes on; null at the end of the run. */
  get next(): number | null {
    return this.#pages.length === 0 ? 0 : this.#pages.at(-1)!.until;
  }

  clear(): void {
    this.#pages = [];
    this.rows.length = 0;
  }

  /** Puts a stretch behind the others, or in the place of what was known of it. */
  put(page: RowPage): void {
    const known = new Map(this.rows.map((row) => [row.number, row]));
    const rows = page.rows.map((row) => Object.assign(known.get(row.number) ?? row, row));
    const before = this.#pages.filter(({ after }) => after < page.after);
    this.#pages = [...before, { ...page, rows }, ...this.#behind(page.until)];
    this.rows.splice(0, this.rows.length, ...this.#pages.flatMap((one) => one.rows));
  }

  /** The one that was read the longest ago, of those that the run has moved on from. */
  oldest(moves: number, isWanted: (page: RowPage) => boolean): RowPage | null {
    const outdated = this.#pages.filter((page) => page.readAt < moves && isWanted(page));
    return outdated.reduce<RowPage | null>((a, b) => (a !== null && a.readAt <= b.readAt ? a : b), null);
  }

  /** What is known behind a cursor. A last piece without rows is left out until more is asked for: the page before it was full. */
  #behind(cursor: number | null): RowPage[] {
    if (cursor === null) return [];
    const behind = this.#pages.filter(({ until }) => until === null || until > cursor);
    const [first, ...others] = behind;
    if (first === undefined || first.after >= cursor) return behind;
    const rows = first.rows.filter(({ number }) => number > cursor);
    return rows.length === 0 && others.length === 0 ? [] : [{ ...first, after: cursor, rows }, ...others];
  }
}
