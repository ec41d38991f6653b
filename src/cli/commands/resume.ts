import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { findRun } from "../session/find-run.ts";
import { withStore } from "../session/open-database.ts";
import { prepareResumption, resumeRun } from "../session/resume-run.ts";

/** `llm-batch resume`: goes on with an unfinished run. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withStore(invocation, async (store) => {
    const run = await choose(store, invocation, args[0]);
    if (run === null) return nothingToDo(invocation);
    const resumption = await prepareResumption(invocation, run);
    if (!globals.quiet) context.stderr.write(`continuing ${run.id}\n`);
    return resumeRun(invocation, store, resumption);
  });
}

/** @returns null where none was named and none is unfinished */
async function choose(store: Store, { globals }: Invocation, id: unknown): Promise<Run | null> {
  const run = id === undefined ? await latestUnfinished(store) : await findRun(store, id, globals.db);
  if (run === null || run.state === "open" || run.state === "finished") return run;
  throw notResumable(run);
}

/** One whose rows are not all in is the last to be thought of: `resume` can't go on with it, and says what does. */
async function latestUnfinished(store: Store): Promise<Run | null> {
  const open = await store.findRun("latest-unfinished");
  return open ?? (await store.listRuns()).find(({ state }) => state === "importing") ?? null;
}

function nothingToDo({ context, globals }: Invocation): ExitCode {
  if (globals.json) context.stdout.write(`${JSON.stringify({ run: null })}\n`);
  if (!globals.quiet) context.stderr.write(`nothing to resume: no run of ${globals.db} is unfinished\n`);
  return ExitCode.ok;
}

function notResumable({ id, state }: Run): LlmBatchError {
  if (state === "importing") {
    return new LlmBatchError({
      code: "RUN_BEING_IMPORTED",
      message: `${id} is still being imported`,
      hint: "wait until it is; an import that was cut off starts over with the same `llm-batch run` command",
    });
  }
  return new LlmBatchError({
    code: "RUN_CANCELLED",
    message: `${id} was cancelled`,
    hint: "start the input again with `llm-batch run … --new`",
  });
}
