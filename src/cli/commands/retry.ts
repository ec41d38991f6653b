import { ExitCode } from "../../domain/errors.ts";
import type { RunFigures } from "../../domain/run.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { findRun, rowNotFound } from "../session/find-run.ts";
import { withStore } from "../session/open-database.ts";
import { prepareResumption, resumeRun } from "../session/resume-run.ts";
import { counted } from "../text/numbers.ts";
import { printableLine } from "../text/printable.ts";

/** `llm-batch retry`: puts failed jobs back to pending, and drains the run unless told not to. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { code, id, drain } = flags;
  return withStore(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    // Whatever is wrong with the options is told before anything changes.
    const resumption = drain ? await prepareResumption(invocation, run) : null;
    const retried = await putBack(store, run.id, code, id);
    if (!globals.quiet) {
      const { failures } = await store.figures(run.id);
      const resume = drain ? null : `llm-batch resume ${run.id}${globals.sameFlags}`;
      const text = retriedText(run.id, retried, failures, resume);
      context.stderr.write(`${printableLine(text)}\n`);
    }
    if (resumption) return resumeRun(invocation, store, resumption);
    if (globals.json) context.stdout.write(`${JSON.stringify({ run: run.id, retried })}\n`);
    return ExitCode.ok;
  });
}

/** @returns how many failed rows are pending again: of a code, of an id, or all */
async function putBack(store: Store, run: string, code: unknown, id: unknown): Promise<number> {
  if (id && (await store.job(run, String(id))) === null) throw rowNotFound(run, String(id));
  const filter = { ...(code ? { code: String(code) } : {}), ...(id ? { key: String(id) } : {}) };
  return store.retry(run, filter);
}

/**
 * Where no row was put back, the code may be misspelt: names the codes that there are.
 * @param resume the command that sends them; null where this one does
 */
function retriedText(
  run: string,
  retried: number,
  failures: RunFigures["failures"],
  resume: string | null,
): string {
  const text = `${run}: ${counted(retried, "failed row is", "failed rows are")} pending again`;
  if (retried > 0)
    return resume === null ? text : `${text}; to send ${retried === 1 ? "it" : "them"}: ${resume}`;
  if (failures.length === 0) return text;
  return `${text}; rows failed with ${failures.map(({ code, count }) => `${code} (${count})`).join(", ")}`;
}
