import { formatDuration } from "../../domain/duration.ts";
import type { RunStatus } from "../../observe/status.ts";
import type { DrainEnd } from "../../scheduler/finish.ts";
import { fieldLines, textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";
import { failureLines } from "./failures.ts";
import { figureLines, rowsField } from "./figures.ts";
import { nextLines } from "./next.ts";
import { speedField, type Work } from "./work.ts";

export interface Summary {
  status: RunStatus;
  work: Work;
  end: DrainEnd;
  /** The file that was written; null where none was. */
  output: string | null;
  /** The file that was asked for. */
  wanted: string | null;
  /** What the commands need, with a space before each. */
  flags: string;
}

/**
 * The last words of a run: what came out, what failed and why, and the next command.
 * @param columns of the window; null breaks no line
 */
export function summaryLines(summary: Summary, columns: number | null): Line[] {
  const { status, work, flags } = summary;
  return [
    ...textLines([headline(summary)], columns),
    ...[rowsField(status), ...speedField(work)].flatMap((field) => fieldLines(field, columns)),
    ...figureLines(status, columns),
    ...failureLines(status, flags, columns),
    ...nextLines(summary, columns),
  ];
}

function headline({ status: { run, state, jobs }, work, end }: Summary) {
  const took = formatDuration(work.ms);
  if (end) return span(`${run} stopped: ${end.message}, after ${took}`, "notable");
  return span(`${run} ${state} in ${took}`, jobs.failed + jobs.cancelled > 0 ? "notable" : "good");
}
