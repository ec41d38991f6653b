import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { interleave, jsonRow, measureNode, median, writeLines } from "../harness.mjs";
import { withProvider } from "../with-provider.mjs";
import { runArgs } from "./drain.mjs";

const SLOTS = 64;
const loopOf = (name) => join(import.meta.dirname, `../loops/${name}.mjs`);

/** Installs what is no dependency of the project into the bench's own folder; false where that can't be done. */
function install(folder, packages) {
  writeFileSync(join(folder, "package.json"), "{}");
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", ...packages], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0)
    console.error(`SKIPPED: ${packages.join(" ")} can't be installed: ${stderr.split("\n")[0]}`);
  return status === 0;
}

/** Rows a second of the whole process, start included, and the most memory it took. Only llm-batch keeps anything. */
export const peers = {
  name: "peers",
  about: "the same rows through the loops people write, latency 0, 64 calls in flight",
  run: ({ rounds, quick, folder }) =>
    withProvider(0, async (url) => {
      const rows = quick ? 2_000 : 20_000;
      writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
      const loops = ["openai", "p-queue"];
      if (install(folder, ["ai", "@ai-sdk/openai"])) loops.push("ai");
      const rate = async (args) => {
        const measured = await measureNode(args, { cwd: folder, env: { BENCH_PEERS: folder } });
        return { perSecond: rows / measured.seconds, peakMb: measured.peakMb };
      };
      const all = await interleave(rounds, {
        "llm-batch": () => rate(runArgs(url, SLOTS, ["--progress", "none", "-q"])),
        ...Object.fromEntries(
          loops.map((name) => [name, () => rate([loopOf(name), url, String(rows), String(SLOTS)])]),
        ),
      });
      return rowsOf(all);
    }),
};

function rowsOf({ "llm-batch": ours, ...others }) {
  const speed = (measured) => median(measured.map((one) => one.perSecond));
  const told = (measured) =>
    `${speed(measured).toFixed(0)} rows/s, ${median(measured.map((one) => one.peakMb)).toFixed(0)} MB`;
  const best = Object.keys(others).reduce((a, b) => (speed(others[a]) > speed(others[b]) ? a : b));
  return Object.entries(others).map(([name, measured]) => ({
    what:
      name === "ai"
        ? "beside the Vercel AI SDK"
        : `beside a loop over ${name === "openai" ? "the openai SDK" : "p-queue and the SDK"}`,
    figure: told(ours),
    limit: told(measured),
    ratio: speed(ours) / speed(measured),
    ...(name === best && { least: 4 }),
  }));
}
