import type { Tone } from "../text/paint.ts";
import type { Sight } from "./sight.ts";

/** A way to show a run in motion. */
export interface Display {
  readonly everyMs: number;
  draw(sight: Sight): void;
  /** A line that stays. */
  say(text: string, tone?: Tone): void;
  close(): void;
}
