import { ExitCode } from "../../domain/errors.ts";
import { runStatus } from "../../observe/status.ts";
import type { Invocation } from "../context.ts";
import { withReader } from "../session.ts";
import { table } from "../table.ts";

/** `llm-batch runs`: every run of the database, the newest first. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals } = invocation;
  return withReader(invocation, async (store) => {
    const runs = await store.listRuns();
    const statuses = await Promise.all(runs.map((run) => runStatus(store, run, false)));
    if (globals.json) {
      context.stdout.write(`${JSON.stringify(statuses)}\n`);
      return ExitCode.ok;
    }
    const rows = statuses.map(({ run, state, jobs, input }, index) => [
      run,
      state,
      `${jobs.succeeded}/${jobs.total}`,
      String(jobs.failed),
      new Date(runs[index]!.createdAt).toISOString(),
      input,
    ]);
    context.stdout.write(table(["run", "state", "succeeded", "failed", "started", "input"], rows));
    return ExitCode.ok;
  });
}
