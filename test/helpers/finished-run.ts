import { tempFolder } from "./cli.ts";
import { lastLine } from "./last-line.ts";
import { writePrompts } from "./rows.ts";
import { runHere } from "./run-here.ts";
import { at, simulate } from "./simulate.ts";

/**
 * A run of so many prompts that has come to its end, in a folder of its own.
 * @param settings of the simulator
 */
export async function finishedRun(
  rows: number,
  ...settings: [string, string][]
): Promise<{ cwd: string; id: string }> {
  const cwd = tempFolder();
  writePrompts(cwd, rows);
  const simulator = await simulate(...settings);
  const flags = ["-c", "4", "--max-attempts", "2", "--backoff-base", "1ms", "--backoff-max", "2ms"];
  const { stdout } = await runHere(["run", "prompts.jsonl", ...at(simulator), ...flags, "--json"], { cwd });
  return { cwd, id: lastLine(stdout).run };
}
