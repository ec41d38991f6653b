import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { interleave, jsonRow, measure, median, medianRatio, writeLines } from "../harness.mjs";
import { takeRate, withProvider } from "../with-provider.mjs";
import { QUIET, runArgs } from "./drain.mjs";

/** Each second of what a run would take alone: beside the other it has half a core. */
const SCRAPE_MS = 2_000;
const ON_ONE_CORE = ["-c", "0", process.execPath];

const LOG = ["--log-file", "events.jsonl"];
const barAndMetrics = (port) => ["--progress", "bar", "--metrics-port", String(port)];

/** What is shown, served and logged of a run, beside a run that nobody looks at. */
export const observers = {
  name: "observers",
  about: "a bar in a terminal, metrics read every second, and a line of JSON for every row in --log-file",
  async run(options) {
    return [...(await cpuOfRow(options)), await rateKept(options)];
  },
};

/**
 * Both at once on the same core, where they take turns every few milliseconds: what the machine does hits both alike, and what one
 * takes more of the core is what it is slower where nothing but the CPU bounds it.
 */
function cpuOfRow({ rounds, quick, folder }) {
  if (spawnSync("taskset", ["--version"]).error) {
    console.error("SKIPPED: no taskset on this machine, by which two runs share a core");
    return [];
  }
  return withProvider(0, async (url) => {
    const rows = quick ? 20_000 : 100_000;
    for (const name of ["on", "off"]) {
      mkdirSync(join(folder, name));
      writeLines(join(folder, name, "rows.jsonl"), rows, jsonRow);
    }
    const port = await freePort();
    const run = (name, flags, terminal = false) =>
      measure("taskset", [...ON_ONE_CORE, ...runArgs(url, 64, flags)], { cwd: join(folder, name), terminal });
    const beside = async (work) => {
      const pairs = [];
      for (let round = 0; round < rounds; round++) pairs.push(await Promise.all([work(), run("off", QUIET)]));
      return { on: pairs.map(([on]) => on), off: pairs.map(([, off]) => off) };
    };
    const bar = barAndMetrics(port);
    const watched = await beside(() => scraped(port, () => run("on", bar, true)));
    const logged = await beside(() => run("on", [...QUIET, ...LOG]));
    const all = await beside(() => scraped(port, () => run("on", [...bar, ...LOG], true)));
    return [
      compare("with bar and metrics", watched, rows),
      compare("with --log-file", logged, rows),
      compare("with all of it", all, rows),
    ];
  });
}

/** Where the provider's latency bounds it as well, as that of a real one does far more: one after the other, in turn. */
function rateKept({ rounds, quick, folder }) {
  return withProvider(50, async (url) => {
    const slots = 100;
    const cwd = join(folder, "rate");
    mkdirSync(cwd);
    writeLines(join(cwd, "rows.jsonl"), quick ? 3_000 : 10_000, jsonRow);
    const port = await freePort();
    const run = async (flags, terminal) => {
      await measure(process.execPath, runArgs(url, slots, flags), { cwd, terminal });
      return takeRate(url, slots);
    };
    const { on, off } = await interleave(rounds, {
      on: () => scraped(port, () => run([...barAndMetrics(port), ...LOG], true)),
      off: () => run(QUIET, false),
    });
    return {
      what: "requests per second at 50 ms with all of it",
      figure: median(on).toFixed(0),
      limit: median(off).toFixed(0),
      ratio: medianRatio(on, off, (rate) => rate),
      least: 0.97,
    };
  });
}

function compare(what, { on, off }, rows) {
  const cpu = (all) => `${((median(all.map((one) => one.cpuSeconds)) / rows) * 1e6).toFixed(0)} us`;
  return {
    what: `CPU per row ${what}`,
    figure: cpu(on),
    limit: cpu(off),
    ratio: medianRatio(on, off, (one) => one.cpuSeconds),
    most: 1.03,
  };
}

/** Reads the metrics for as long as `work` takes. */
async function scraped(port, work) {
  const timer = setInterval(async () => {
    // Before the run listens, and after it has ended, nobody is there.
    await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => {},
    );
  }, SCRAPE_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
