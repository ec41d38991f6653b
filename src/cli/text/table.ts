import { type Line, type Span, span, textOf } from "./line.ts";
import type { Tone } from "./paint.ts";
import { columnsOf, cut, padTo } from "./width.ts";

const GAP = 2;
/** What a cell is cut to at least. */
const LEAST_COLUMNS = 8;

/** A column of a table. */
export interface Column {
  title: string;
  /** Numbers stand at the right. Default: left. */
  side?: "left" | "right";
  /** Is cut where the window is too narrow for all. */
  isFlexible?: boolean;
  /** Where that isn't enough, columns are left out, the highest rank first. Default: 0, which stays. */
  rank?: number;
  /** The colour of a cell by its text. */
  toneOf?(text: string): Tone;
}

/**
 * Lines of columns as wide as their widest cell.
 * @param window its columns; null cuts nothing
 */
export function tableLines(
  columns: readonly Column[],
  records: readonly (readonly string[])[],
  window: number | null = null,
): Line[] {
  const all = columns.map((column, at) =>
    measured(
      column,
      records.map((cells) => span(cells[at] ?? "").text),
    ),
  );
  const shown = window === null ? all : fitting(all, window - 1);
  return [-1, ...records.keys()].map((row) => withoutEnd(shown.map((column) => cellOf(column, row))));
}

/** The same as text, all columns at the left. */
export function table(head: readonly string[], records: readonly (readonly string[])[]): string {
  const lines = tableLines(
    head.map((title) => ({ title })),
    records,
  );
  return `${lines.map(textOf).join("\n")}\n`;
}

interface Measured extends Column {
  cells: readonly string[];
  width: number;
}

function measured(column: Column, cells: readonly string[]): Measured {
  return { ...column, cells, width: Math.max(...[column.title, ...cells].map(columnsOf)) };
}

/** @param row -1 for the head */
function cellOf({ title, cells, width, side, toneOf }: Measured, row: number): Span {
  const cell = cells[row] ?? title;
  const tone = row < 0 ? "faint" : (toneOf?.(cell) ?? "plain");
  return span(padTo(cut(cell, width), width, side) + " ".repeat(GAP), tone);
}

/** As many columns as fit, one of them cut if need be. */
function fitting(columns: readonly Measured[], room: number): Measured[] {
  const over = columns.reduce((sum, { width }) => sum + width + GAP, -GAP) - room;
  if (over <= 0) return [...columns];
  const cutTo = (width: number): number => Math.max(Math.min(width, LEAST_COLUMNS), width - over);
  const least = columns.map((column) =>
    column.isFlexible ? { ...column, width: cutTo(column.width) } : column,
  );
  const isEnough = least.reduce((sum, { width }) => sum + width + GAP, -GAP) <= room;
  const [dispensable] = [...columns].sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0));
  if (isEnough || (dispensable?.rank ?? 0) === 0) return least;
  return fitting(
    columns.filter((column) => column !== dispensable),
    room,
  );
}

/** No line ends with spaces. */
function withoutEnd(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined) return line;
  const text = last.text.trimEnd();
  return text === "" ? withoutEnd(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }];
}
