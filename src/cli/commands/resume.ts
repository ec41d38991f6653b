import { type ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { prepareResumption, resumeRun } from "../resume-run.ts";
import { findRun, withStore } from "../session.ts";

/** `llm-batch resume`: goes on with an unfinished run. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { args } = invocation;
  return withStore(invocation, async (store) => {
    const run = await choose(store, invocation, args[0]);
    return resumeRun(invocation, store, prepareResumption(invocation, run));
  });
}

async function choose(store: Store, { globals }: Invocation, id: unknown): Promise<Run> {
  const run =
    id === undefined ? await store.findRun("latest-unfinished") : await findRun(store, id, globals.db);
  if (run?.state === "open" || run?.state === "finished") return run;
  throw new LlmBatchError({
    code: run ? "RUN_CANCELLED" : "NOTHING_TO_RESUME",
    message: run ? `${run.id} was cancelled` : `${globals.db}: no unfinished run`,
    hint: run ? "start the input again with `llm-batch run … --new`" : "list the runs with `llm-batch runs`",
  });
}
