import { existsSync } from "node:fs";
import { ExitCode } from "../../domain/errors.ts";
import { inputNames } from "../../domain/run.ts";
import type { Invocation } from "../context.ts";
import { withReader } from "../session/open-database.ts";
import { printableLine } from "../text/printable.ts";

/** Prints `id<TAB>state, input` of each run, newest first, for a shell's completion. Prints nothing if that fails. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals } = invocation;
  if (globals.address === null && !existsSync(globals.db)) return ExitCode.ok;
  try {
    const runs = await withReader(invocation, (store) => store.listRuns());
    const lines = runs.map(({ id, state, sources }) => {
      const known = state === "open" ? "unfinished" : state;
      const inputs = inputNames(sources.map(({ path }) => path));
      return `${id}\t${printableLine(`${known}, ${inputs}`)}\n`;
    });
    context.stdout.write(lines.join(""));
  } catch {
    // An error would break into the user's typing; `llm-batch runs` shows it.
  }
  return ExitCode.ok;
}
