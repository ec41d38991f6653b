import { describe, expect, test } from "vitest";
import { type RowPage, RowPages } from "../../../../src/report/page/row-pages.ts";
import type { ReportedRow } from "../../../../src/report/report-data.ts";
import { seeded } from "../../../helpers/seeded.ts";

/** A run of which some rows fit, others from step to step; it answers with a few rows of a short stretch each time. */
class MovingRun {
  readonly #pick: (below: number) => number;
  readonly #fitting = new Set<number>();
  readonly #size: number;
  readonly #limit: number;
  readonly #span: number;
  moves = 0;

  constructor(seed: number) {
    const random = seeded(seed);
    this.#pick = (below) => Math.floor(random() * below);
    this.#size = 10 + this.#pick(90);
    this.#limit = 1 + this.#pick(8);
    this.#span = 1 + this.#pick(40);
  }

  move(): void {
    this.moves += 1;
    for (let change = this.#pick(12); change > 0; change--) {
      const number = 1 + this.#pick(this.#size);
      if (!this.#fitting.delete(number)) this.#fitting.add(number);
    }
  }

  read(after: number): RowPage {
    const end = Math.min(after + this.#span, this.#size);
    const found = this.fitting(after, end);
    const rows = found.slice(0, this.#limit).map(rowOf);
    const all = end < this.#size ? end : null;
    return {
      after,
      until: found.length >= this.#limit ? rows.at(-1)!.number : all,
      rows,
      readAt: this.moves,
    };
  }

  fitting(after: number, end: number | null): number[] {
    const last = end ?? this.#size;
    return [...this.#fitting].filter((number) => number > after && number <= last).sort((a, b) => a - b);
  }
}

function rowOf(number: number): ReportedRow {
  return { number, id: `q-${number}` } as ReportedRow;
}

const ALL = () => true;

function readAnew(pages: RowPages, run: MovingRun): void {
  for (let page = pages.oldest(run.moves, ALL); page !== null; page = pages.oldest(run.moves, ALL))
    pages.put(run.read(page.after));
}

describe("the pages of the list of rows", () => {
  test("hold what fits as far as they go, whatever comes and goes, once each was read anew", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const run = new MovingRun(seed);
      const pages = new RowPages();
      for (let step = 0; step < 20; step++) {
        run.move();
        if (pages.next !== null && step % 2 === 0) pages.put(run.read(pages.next));
        readAnew(pages, run);
        const shown = pages.rows.map(({ number }) => number);
        expect(shown, `seed ${seed}`).toEqual(run.fitting(0, pages.next));
      }
    }
  });

  test("keep a row the same one while it changes, and their list too", () => {
    const pages = new RowPages();
    const { rows } = pages;
    pages.put({ after: 0, until: 5, rows: [rowOf(2)], readAt: 0 });
    const [row] = rows;
    pages.put({ after: 0, until: 7, rows: [rowOf(1), { ...rowOf(2), state: "failed" }], readAt: 1 });
    expect(rows[1]).toBe(row);
    expect(row!.state).toBe("failed");
    expect(pages.next).toBe(7);
  });

  test("read the stretch first that was read the longest ago, and none that the run hasn't moved on from", () => {
    const pages = new RowPages();
    pages.put({ after: 0, until: 5, rows: [rowOf(2)], readAt: 2 });
    pages.put({ after: 5, until: 9, rows: [rowOf(6)], readAt: 1 });
    expect(pages.oldest(3, ALL)?.after).toBe(5);
    expect(pages.oldest(3, ({ after }) => after < 5)?.after).toBe(0);
    expect(pages.oldest(2, ALL)?.after).toBe(5);
    expect(pages.oldest(1, ALL)).toBeNull();
  });

  test("leave what is behind a full last page to who asks for more, unless it is shown already", () => {
    const pages = new RowPages();
    pages.put({ after: 0, until: null, rows: [rowOf(9)], readAt: 0 });
    pages.put({ after: 0, until: 3, rows: [rowOf(2), rowOf(3)], readAt: 1 });
    expect(pages.rows.map(({ number }) => number)).toEqual([2, 3, 9]);
    expect(pages.next).toBeNull();
    pages.put({ after: 3, until: 8, rows: [rowOf(7), rowOf(8)], readAt: 1 });
    expect(pages.rows.map(({ number }) => number)).toEqual([2, 3, 7, 8, 9]);
    pages.clear();
    pages.put({ after: 0, until: null, rows: [rowOf(2)], readAt: 2 });
    pages.put({ after: 0, until: 3, rows: [rowOf(2), rowOf(3)], readAt: 3 });
    expect(pages.next).toBe(3);
  });
});
