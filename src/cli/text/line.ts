import type { Paint, Tone } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { columnsOf, cut } from "./width.ts";

/** A piece of a line, all of one tone. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** A line of a terminal, before it is coloured: what its width is counted from. */
export type Line = readonly Span[];

/** Whatever strangers' text is in it, it stays a piece of one line. */
export function span(text: string, tone: Tone = "plain"): Span {
  return { text: printableLine(text), tone };
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

export function painted(line: Line, paint: Paint): string {
  return line.map(({ text, tone }) => paint(tone, text)).join("");
}

/** The line, cut where it would be wider. */
export function fitted(line: Line, columns: number): Line {
  let left = columns;
  return line.flatMap(({ text, tone }) => {
    const shown = cut(text, left);
    left -= columnsOf(shown);
    return shown === "" ? [] : [{ text: shown, tone }];
  });
}
