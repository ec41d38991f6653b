import { commandLines } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";

/** What to do, and the command that does it. */
export interface Step {
  what: string;
  command: string | null;
}

export const AFTER_MENDING: Step = {
  what: "when the key or the account is mended:",
  command: "llm-batch breaker reset",
};

/** @param raise a flag without which it would stop again at once */
export function goingOn(run: string, raise?: string): Step {
  return { what: "go on:", command: `llm-batch resume ${run}${raise ? ` ${raise}` : ""}` };
}

export function stepLines(steps: readonly Step[], columns: number | null): Line[] {
  return steps.flatMap(({ what, command }) => [
    ...textLines([span(`  ${what}`)], columns, "    "),
    ...(command === null ? [] : commandOf(command, columns)),
  ]);
}

function commandOf(command: string, columns: number | null): Line[] {
  const room = columns === null ? null : columns - 5;
  return commandLines(command, room).map((line) => [span(`    ${line}`, "strong")]);
}
