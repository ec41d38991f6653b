import { createServer } from "node:http";
import { join } from "node:path";
import { interleave, jsonRow, measureNode, median, medianRatio, writeLines } from "../harness.mjs";
import { withProvider } from "../with-provider.mjs";
import { QUIET, runArgs } from "./drain.mjs";

/** As often as nobody would ask a real run, which has hours for what is a few seconds here. */
const SCRAPE_MS = 1_000;
/** So many rounds more than those of other cases: what is looked for is smaller than what a round is off. */
const MORE_ROUNDS = 7;

/** What is shown, served and logged of a run, beside a run that nobody looks at. */
export const observers = {
  name: "observers",
  about: "a bar in a terminal, metrics read every second, and a line of JSON for every row in --log-file",
  run: ({ rounds, quick, folder }) =>
    withProvider(0, async (url) => {
      const rows = quick ? 5_000 : 100_000;
      writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
      const port = await freePort();
      const run = (flags, options) => measureNode(runArgs(url, 64, flags), { cwd: folder, ...options });
      const watched = ["--progress", "bar", "--metrics-port", String(port)];
      const { off, ...on } = await interleave(rounds + MORE_ROUNDS, {
        off: () => run(QUIET),
        watched: () => scraped(port, () => run(watched, { terminal: true })),
        logged: () => run([...QUIET, "--log-file", "events.jsonl"]),
      });
      return [
        ...compare("with bar and metrics", on.watched, off, rows),
        ...compare("with --log-file", on.logged, off, rows),
      ];
    }),
};

function compare(what, on, off, rows) {
  const cpu = (all) => `${((median(all.map((one) => one.cpuSeconds)) / rows) * 1e6).toFixed(0)} us`;
  const rate = (all) => `${(rows / median(all.map((one) => one.seconds))).toFixed(0)} rows/s`;
  return [
    {
      what: `CPU per row ${what}`,
      figure: cpu(on),
      limit: cpu(off),
      ratio: medianRatio(on, off, (one) => one.cpuSeconds),
      most: 1.03,
    },
    {
      what: `the clock ${what}`,
      figure: rate(on),
      limit: rate(off),
      ratio: medianRatio(on, off, (one) => one.seconds),
    },
  ];
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
