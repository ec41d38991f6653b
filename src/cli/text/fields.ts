import { type Line, span, textOf } from "./line.ts";
import { columnsOf, padTo, wrapWords } from "./width.ts";

const INDENT = "  ";

/** Where the labels of a list stand, and how wide they are. */
export interface LabelColumn {
  indent: string;
  columns: number;
}

const USUAL: LabelColumn = { indent: INDENT, columns: 11 };

/** A label, and items that stand beside it and below each other where the window is too narrow. */
export interface Field {
  label: string;
  items: readonly Line[];
  /** Stands between two items of a line. Default: three spaces. */
  separator?: string;
}

/** @param columns of the window; null breaks no line */
export function fieldLines(
  { label, items, separator = "   " }: Field,
  columns: number | null,
  labels: LabelColumn = USUAL,
): Line[] {
  const head = span(labels.indent + padTo(label, labels.columns), "faint");
  const below = span(" ".repeat(columnsOf(head.text)));
  const room = columns === null ? null : columns - 1 - columnsOf(head.text);
  return flow(items, separator, room).map((line, at) => [at === 0 ? head : below, ...line]);
}

/** Lines of as many items as fit. An item that doesn't fit by itself is broken between words. */
function flow(items: readonly Line[], separator: string, room: number | null): Line[] {
  const lines: Line[] = [];
  for (const item of items) {
    const [first = [], ...rest] = broken(item, room);
    const before = lines.pop();
    const joined = before && [...before, span(separator), ...first];
    if (joined && (room === null || columnsOf(textOf(joined)) <= room)) lines.push(joined, ...rest);
    else if (before) lines.push(withEnd(before, separator.trimEnd()), first, ...rest);
    else lines.push(first, ...rest);
  }
  return lines;
}

function withEnd(line: Line, end: string): Line {
  return end === "" ? line : [...line, span(end)];
}

function broken(item: Line, room: number | null): Line[] {
  if (room === null || columnsOf(textOf(item)) <= room) return [item];
  return wrapWords(textOf(item), room).map((text) => [span(text, item[0]!.tone)]);
}

/** A line of words, broken between them; what comes below the first is indented by so much more. */
export function textLines(text: Line, columns: number | null, indent = INDENT): Line[] {
  const [first, ...rest] = text;
  const whole = textOf(text);
  if (columns === null || first === undefined || columnsOf(whole) < columns) return [text];
  const words = whole.trimStart();
  const start = whole.slice(0, whole.length - words.length);
  const lines = wrapWords(words, columns - 1 - start.length, columns - 1 - indent.length);
  const tone = rest.length === 0 ? first.tone : "plain";
  return lines.map((line, at) => [span((at === 0 ? start : indent) + line, tone)]);
}
