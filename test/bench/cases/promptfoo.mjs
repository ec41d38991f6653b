import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measureNode, promptOf, writeLines } from "../harness.mjs";

/** Nothing of it leaves the machine: what it would tell its makers ends at a port where nobody listens. */
const ALONE = {
  PROMPTFOO_DISABLE_TELEMETRY: "1",
  PROMPTFOO_DISABLE_UPDATE: "1",
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1",
};
const FLAGS = ["--no-cache", "--no-progress-bar", "--no-table"];
/** It may trip over its own log at the end, when all is written. */
const EXIT_CODES = [0, 1];

/** The same prompts by `promptfoo eval`, installed in the folder. Its rate is its own, which leaves out its start. */
export async function runPromptfoo({ folder, url, rows, slots }) {
  const provider = { id: "openai:chat:bench-1", config: { apiBaseUrl: `${url}/v1`, apiKey: "none" } };
  const config = { prompts: ["{{prompt}}"], providers: [provider], tests: "prompts.csv" };
  writeLines(join(folder, "prompts.csv"), rows, (row) => `"${promptOf(row)}"`, "prompt\n");
  writeLines(join(folder, "promptfoo.json"), 1, () => JSON.stringify(config));
  const main = join(folder, "node_modules/promptfoo/dist/src/main.js");
  const args = [
    main,
    "eval",
    "-c",
    "promptfoo.json",
    "-j",
    String(slots),
    ...FLAGS,
    "-o",
    "promptfoo-out.json",
  ];
  const env = { ...ALONE, PROMPTFOO_CONFIG_DIR: join(folder, "promptfoo") };
  const { peakMb } = await measureNode(args, { cwd: folder, env, exitCodes: EXIT_CODES });
  const { stats } = JSON.parse(readFileSync(join(folder, "promptfoo-out.json"), "utf8")).results;
  if (stats.successes !== rows) throw new Error(`promptfoo: ${stats.successes} of ${rows} rows succeeded`);
  return { perSecond: (rows * 1_000) / stats.durationMs, peakMb };
}
