import { badRows } from "../../app/bad-rows.ts";
import { shellWord } from "../../domain/shell-word.ts";
import type { RunStatus } from "../../observe/status.ts";
import { partialPath } from "../../output/file/partial-path.ts";
import type { DrainEnd } from "../../scheduler/finish.ts";
import type { Line } from "../text/line.ts";
import { counted } from "../text/numbers.ts";
import { goingOn, type Step, stepLines } from "./steps.ts";

interface NextOptions {
  status: RunStatus;
  end: DrainEnd;
  /** The file that was written; null where none was. */
  output: string | null;
  /** The file that was asked for. */
  wanted: string | null;
  /** What the commands need, with a space before each. */
  flags: string;
}

/** Where the results are, and what can be done now. */
export function nextLines(options: NextOptions, columns: number | null): Line[] {
  const steps = options.end ? stepsOn(options, options.end) : stepsAfter(options);
  return stepLines(steps, options.flags, columns);
}

function stepsOn(options: NextOptions, end: NonNullable<DrainEnd>): Step[] {
  const { wanted } = options;
  const { run } = options.status;
  const partial = {
    what: `${wanted} was not written; what there is:`,
    command: `llm-batch export ${run} --partial -o ${shellWord(partialPath(wanted ?? ""))}`,
  };
  return [
    ...(wanted === null || wanted === "-" ? [] : [partial]),
    ...goingOn(options.status, end, end.code === "PROVIDER_REFUSED"),
  ];
}

/** Of a run that has come to its end. */
export function stepsAfter({ status, output }: Pick<NextOptions, "status" | "output">): Step[] {
  const { run } = status;
  const results =
    output === null
      ? { what: "get the results:", command: `llm-batch export ${run} -o results.jsonl` }
      : { what: `results ${output === "-" ? "on stdout" : `in ${output}`}`, command: null };
  return [results, ...retrySteps(status)];
}

/** Rows that failed by the budget of their group would fail again at once, and bad ones are never sent. */
function retrySteps({ run, jobs, failures }: RunStatus): Step[] {
  const overBudget = failures.find(({ code }) => code === "OVER_BUDGET")?.count ?? 0;
  const bad = badRows(failures);
  const sendable = jobs.failed - bad;
  const all = {
    what: `send the ${counted(sendable, "failed row")} again:`,
    command: `llm-batch retry ${run}`,
  };
  const mended = {
    what: "or mend the rows or a setting first: `llm-batch run … --reuse` sends what has no answer yet",
    command: null,
  };
  const over = {
    what: `raise \`budgets\` in the config file, then send the ${counted(overBudget, "row")} over them again:`,
    command: `llm-batch retry ${run} --code OVER_BUDGET`,
  };
  const mend = {
    what: `mend the ${counted(bad, "bad row")} in the input, then send what is new of it: \`llm-batch run … --reuse\``,
    command: null,
  };
  return [
    ...(sendable > overBudget ? [all] : []),
    ...(sendable > overBudget && bad === 0 ? [mended] : []),
    ...(overBudget > 0 ? [over] : []),
    ...(bad > 0 ? [mend] : []),
  ];
}
