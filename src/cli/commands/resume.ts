import { type ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { prepareResumption, resumeRun } from "../resume-run.ts";
import { findRun, withStore } from "../session.ts";

/** `llm-batch resume`: goes on with an unfinished run. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withStore(invocation, async (store) => {
    const run = await choose(store, invocation, args[0]);
    const resumption = await prepareResumption(invocation, run);
    if (!globals.quiet) context.stderr.write(`continuing ${run.id}\n`);
    return resumeRun(invocation, store, resumption);
  });
}

async function choose(store: Store, { globals }: Invocation, id: unknown): Promise<Run> {
  const run =
    id === undefined ? await store.findRun("latest-unfinished") : await findRun(store, id, globals.db);
  if (run?.state === "open" || run?.state === "finished") return run;
  throw run ? notResumable(run) : nothingToResume(globals.db);
}

function nothingToResume(db: string): LlmBatchError {
  return new LlmBatchError({
    code: "NOTHING_TO_RESUME",
    message: `${db}: no unfinished run`,
    hint: "list the runs with `llm-batch runs`",
  });
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
