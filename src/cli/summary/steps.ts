import type { RunStatus } from "../../observe/status.ts";
import { commandLines, onDatabase, shellWord } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";

/** What to do, and the command that does it. */
export interface Step {
  what: string;
  command: string | null;
}

/** Endpoints are named: the database may have others. */
export function afterMending({ breaker }: RunStatus): Step[] {
  return breaker
    .filter(({ state }) => state === "blocked")
    .map(({ endpoint }) => ({
      what: "when the key or the account is mended:",
      command: `llm-batch breaker reset ${shellWord(endpoint)}`,
    }));
}

/** @param raise a flag without which it would stop again at once */
export function goingOn(run: string, raise?: string): Step {
  return { what: "go on:", command: `llm-batch resume ${run}${raise ? ` ${raise}` : ""}` };
}

/** @param db the `--db` that the commands need; null without */
export function stepLines(steps: readonly Step[], db: string | null, columns: number | null): Line[] {
  return steps.flatMap(({ what, command }) => [
    ...textLines([span(`  ${what}`)], columns, "    "),
    ...(command === null ? [] : commandOf(onDatabase(command, db), columns)),
  ]);
}

function commandOf(command: string, columns: number | null): Line[] {
  const room = columns === null ? null : columns - 5;
  return commandLines(command, room).map((line) => [span(`    ${line}`, "strong")]);
}
