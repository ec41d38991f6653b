import { OPENED_BY_HAND } from "../../control/breaker/view.ts";
import { shellWord } from "../../domain/shell-word.ts";
import type { SeenEndpoint } from "../../observe/endpoints.ts";
import type { StopReason } from "../../scheduler/stop.ts";
import { commandLines, withSameFlags } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";

/** What to do, and the command that does it; a command that leaves something out stands in the text, in backticks. */
export interface Step {
  what: string;
  command: string | null;
}

/** Names each endpoint, as the database may know others. */
export function closingBreakers(endpoints: readonly SeenEndpoint[]): Step[] {
  return endpoints
    .filter(({ breaker }) => breaker.reason === OPENED_BY_HAND)
    .map(({ endpoint }) => ({
      what: "close the breaker that was opened by hand:",
      command: `llm-batch breaker reset ${shellWord(endpoint)}`,
    }));
}

/**
 * @param end why it stopped, or would stop at once; null where it would go on
 * @param isRefused whether its providers refuse to serve it
 */
export function goingOn(run: string, end: StopReason | null, isRefused: boolean): Step[] {
  const resume = `llm-batch resume ${run}`;
  if (end?.code === "GROUP_BUDGETS") return groupBudgetSteps(resume);
  const what = isRefused ? "when the key or the account is mended, go on:" : "go on:";
  return [{ what, command: end?.raise ? `${resume} ${end.raise}` : resume }];
}

/** No flag raises the budget of a group. */
function groupBudgetSteps(resume: string): Step[] {
  return [
    { what: "raise their `budgets` in the config file, then go on:", command: resume },
    { what: "or let their rows fail, to be sent later:", command: `${resume} --over-budget fail` },
  ];
}

/** @param flags that the commands need, with a space before each */
export function stepLines(steps: readonly Step[], flags: string, columns: number | null): Line[] {
  return flagged(steps, flags).flatMap(({ what, command }) => [
    ...textLines([span(`  ${what}`)], columns, "    "),
    ...(command === null ? [] : commandOf(command, columns)),
  ]);
}

/** @param flags that the commands need, with a space before each */
export function flagged(steps: readonly Step[], flags: string): Step[] {
  return steps.map(({ what, command }) => ({
    what: withSameFlags(what, flags),
    command: command === null ? null : command + flags,
  }));
}

function commandOf(command: string, columns: number | null): Line[] {
  const room = columns === null ? null : columns - 5;
  return commandLines(command, room).map((line) => [span(`    ${line}`, "strong")]);
}
