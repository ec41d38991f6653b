import type { Line } from "../text/line.ts";
import type { Tone } from "../text/paint.ts";
import type { Glyphs } from "./frame.ts";

/** A way to show what is in motion, as a run is. */
export interface Display<Shown> {
  readonly everyMs: number;
  draw(shown: Shown): void;
  /** A line that stays. */
  say(text: string, tone?: Tone): void;
  close(): void;
}

/** How the same is shown on a terminal and in a log. */
export interface Forms<Shown> {
  /** Always as many lines, none wider than the window less one column. */
  frame(shown: Shown, columns: number, glyphs: Glyphs): readonly Line[];
  plainLine(shown: Shown): string;
}
