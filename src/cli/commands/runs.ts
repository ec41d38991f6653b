import { ExitCode } from "../../domain/errors.ts";
import { dollars } from "../../domain/nano-usd.ts";
import { inputNames, type Run } from "../../domain/run.ts";
import { hasAnswers, type RunStatus, runStatus } from "../../observe/status.ts";
import type { Invocation } from "../context.ts";
import { withReader } from "../session/open-database.ts";
import { donePercent, grouped } from "../text/numbers.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { type Column, tableLines } from "../text/table.ts";
import { momentText } from "../text/times.ts";

const COLUMNS: readonly Column[] = [
  { title: "run" },
  { title: "state", toneOf: (state) => (state === "finished" || state === "running" ? "good" : "notable") },
  { title: "rows", side: "right", rank: 1 },
  { title: "done", side: "right" },
  { title: "failed", side: "right", toneOf: (failed) => (failed === "0" ? "plain" : "bad") },
  { title: "cost", side: "right", rank: 5 },
  { title: "stopped by", rank: 3 },
  { title: "started", rank: 4 },
  { title: "input", isFlexible: true, rank: 2 },
];

/** `llm-batch runs`: every run of the database, the newest first. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals } = invocation;
  const { stdout } = context;
  return withReader(invocation, async (store) => {
    const runs = await store.listRuns();
    const statuses = await Promise.all(runs.map((run) => runStatus(store, run, false)));
    if (globals.json) stdout.write(`${JSON.stringify(statuses)}\n`);
    else if (runs.length === 0)
      context.stderr.write(`${globals.db}: no runs yet; start one: llm-batch run FILE${globals.sameFlags}\n`);
    else {
      const records = statuses.map((status, at) => cellsOf(status, runs[at]!));
      const [columns, cells] = withoutEmpty(COLUMNS, records);
      printLines(stdout, tableLines(columns, cells, windowOf(stdout)), context, globals);
    }
    return ExitCode.ok;
  });
}

function cellsOf(status: RunStatus, stored: Run): string[] {
  const { run, state, jobs, cost_usd, stops } = status;
  const { total, pending, running, failed } = jobs;
  return [
    run,
    state,
    grouped(total),
    donePercent(total - pending - running, total),
    grouped(failed),
    cost_usd !== null && hasAnswers(status) ? dollars(cost_usd) : "-",
    [...new Set(stops.map(({ code }) => code))].join(", "),
    momentText(stored.createdAt),
    inputNames(stored.sources.map(({ path }) => path)),
  ];
}

/** Leaves out columns that say nothing of any run. */
function withoutEmpty(
  columns: readonly Column[],
  records: readonly (readonly string[])[],
): [columns: Column[], records: string[][]] {
  const isTold = columns.map((_, at) => records.some((cells) => cells[at] !== ""));
  const told = <T>(all: readonly T[]): T[] => all.filter((_, at) => isTold[at]);
  return [told(columns), records.map(told)];
}
