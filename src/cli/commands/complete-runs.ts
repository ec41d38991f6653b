import { existsSync } from "node:fs";
import { ExitCode } from "../../domain/errors.ts";
import { inputNames } from "../../domain/run.ts";
import type { Invocation } from "../context.ts";
import { withReader } from "../open-database.ts";
import { printableLine } from "../printable.ts";

/** What a shell asks while the user types: `id<TAB>state, input` of each run, the newest first. Silent where it can't. */
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
    // An error in the middle of the user's typing helps nobody; `llm-batch runs` tells it.
  }
  return ExitCode.ok;
}
