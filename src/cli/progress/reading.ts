import type { CancelTimer } from "../../ports/clock.ts";
import type { ReadSoFar } from "../../ports/import.ts";
import type { Invocation } from "../context.ts";
import { fitted, type Line, span } from "../text/line.ts";
import { compact, counted, donePercent } from "../text/numbers.ts";
import { printableLine } from "../text/printable.ts";
import { chooseDisplay } from "./choose-display.ts";
import type { Forms } from "./display.ts";
import { barLine, type Glyphs, part } from "./frame.ts";

/** What the reading of a run's inputs looks like to the user. */
export interface ReadingProgress {
  see(read: ReadSoFar): void;
  /** A line that stays, in the place of what is shown. */
  say(text: string): void;
  close(): void;
}

const READING_FORMS: Forms<ReadSoFar> = {
  frame: (read, columns, glyphs) => [readingLine(read, Math.max(columns - 1, 1), glyphs)],
  plainLine: (read) => `${donePercent(read.bytes, read.ofBytes)}  ${rowsText(read)}`,
};

/** Shows how far the inputs are read, until closed. */
export async function showReading({
  context,
  globals,
}: Pick<Invocation, "context" | "globals">): Promise<ReadingProgress> {
  const { clock, stderr } = context;
  const display = await chooseDisplay(stderr, context, globals, READING_FORMS);
  let latest: ReadSoFar | null = null;
  let cancel: CancelTimer = () => {};
  const drawLater = (everyMs: number): void => {
    cancel = clock.timer(clock.now() + everyMs, () => {
      if (latest) display?.draw(latest);
      drawLater(everyMs);
    });
  };
  if (display) drawLater(display.everyMs);
  return {
    see(read) {
      latest = read;
    },
    say(text) {
      display?.close();
      if (!globals.quiet) stderr.write(`${printableLine(text)}\n`);
    },
    close() {
      cancel();
      display?.close();
    },
  };
}

function readingLine(read: ReadSoFar, width: number, glyphs: Glyphs): Line {
  const rows = part(1, [span(rowsText(read))], [span(compact(read.rows))]);
  return fitted(barLine({ done: read.bytes, total: read.ofBytes }, [rows], width, glyphs), width);
}

function rowsText({ rows }: ReadSoFar): string {
  return `${counted(rows, "row")} read`;
}
