import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interleave, jsonRow, measureNode, median, writeLines } from "../harness.mjs";
import { withProvider } from "../with-provider.mjs";
import { QUIET, runArgs } from "./drain.mjs";
import { runPromptfoo } from "./promptfoo.mjs";

const SLOTS = 64;
const LABELS = {
  undici: "a bare undici loop, the limit",
  openai: "a loop over the openai SDK",
  "p-queue": "a loop over p-queue and the SDK",
  ai: "a loop over the Vercel AI SDK",
  promptfoo: "promptfoo, its start left out",
};
/** What `llm-batch` must reach of the rate of the best loop, and of promptfoo's. */
const LEAST_OF_BEST = 4;
const LEAST_OF_PROMPTFOO = 30;

/** Installs what is no dependency of the project into a folder of the bench's own; false where that can't be done. */
function install(folder, packages) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts"];
  const { status, stderr } = spawnSync("npm", ["install", ...flags, ...packages], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) skip(packages.join(" "), `can't be installed: ${stderr?.split("\n")[0]}`);
  return status === 0;
}

function skip(name, why) {
  console.log(`  SKIPPED: ${name}: ${why}`);
}

/** Rows a second of the whole process, start included, and the most memory it took. Only llm-batch keeps anything. */
export const peers = {
  name: "peers",
  about: "the same rows through the loops people write and promptfoo, latency 0, 64 calls in flight",
  run: ({ rounds, quick, folder }) =>
    withProvider(0, async (url) => {
      const rows = quick ? 2_000 : 20_000;
      writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
      const rate = async (args) => {
        const measured = await measureNode(args, { cwd: folder, env: { BENCH_PEERS: folder } });
        return { perSecond: rows / measured.seconds, peakMb: measured.peakMb };
      };
      const loop = (name) => () =>
        rate([join(import.meta.dirname, `../loops/${name}.mjs`), url, String(rows), String(SLOTS)]);
      const measures = { "llm-batch": () => rate(runArgs(url, SLOTS, QUIET)) };
      for (const name of ["undici", "openai", "p-queue"]) measures[name] = loop(name);
      if (install(folder, ["ai", "@ai-sdk/openai"])) measures.ai = loop("ai");
      const own = join(folder, "promptfoo");
      if (quick) skip("promptfoo", "2 GB to install, too much for --quick");
      else if (install(own, ["promptfoo"])) {
        measures.promptfoo = () => runPromptfoo({ folder: own, url, rows: rows / 10, slots: SLOTS });
      }
      return rowsOf(await interleave(rounds, measures));
    }),
};

function rowsOf({ "llm-batch": ours, ...others }) {
  const speed = (measured) => median(measured.map((one) => one.perSecond));
  const told = (measured) =>
    `${speed(measured).toFixed(0)} rows/s, ${median(measured.map((one) => one.peakMb)).toFixed(0)} MB`;
  const written = Object.keys(others).filter((name) => name !== "undici");
  const best = written.reduce((a, b) => (speed(others[a]) > speed(others[b]) ? a : b));
  return Object.entries(others).map(([name, measured]) => ({
    what: `beside ${LABELS[name]}`,
    figure: told(ours),
    limit: told(measured),
    ratio: speed(ours) / speed(measured),
    ...(name === best && { least: LEAST_OF_BEST }),
    ...(name === "promptfoo" && { least: LEAST_OF_PROMPTFOO }),
  }));
}
