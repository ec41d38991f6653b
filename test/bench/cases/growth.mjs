import { join } from "node:path";
import { interleave, jsonRow, measureNode, median, writeLines } from "../harness.mjs";
import { withProvider } from "../with-provider.mjs";
import { runArgs } from "./drain.mjs";

const SIZES = [10_000, 100_000, 1_000_000];
const QUICK_SIZES = [5_000, 20_000];
const MOST_MB = 150;

/** Whether a larger run takes more memory, or more time for each row. `BENCH_ROWS=5000000` adds that size. */
export const growth = {
  name: "growth",
  about: "whole runs of ever more rows, latency 0, 64 calls in flight: memory and speed",
  run: ({ quick, folder }) =>
    withProvider(0, async (url) => {
      const sizes = [
        ...(quick ? QUICK_SIZES : SIZES),
        ...(process.env.BENCH_ROWS ? [Number(process.env.BENCH_ROWS)] : []),
      ];
      const runs = [];
      for (const rows of sizes) {
        writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
        const { run } = await interleave(quick ? 3 : 1, {
          run: () => measureNode(runArgs(url, 64, ["--progress", "none", "-q"]), { cwd: folder }),
        });
        runs.push({
          rows,
          peakMb: median(run.map((one) => one.peakMb)),
          cpu: median(run.map((one) => one.cpuSeconds)),
        });
      }
      const base = runs.find(({ rows }) => rows >= 100_000) ?? runs[0];
      return runs.flatMap(({ rows, peakMb, cpu }) => [
        {
          what: `peak memory of ${rows.toLocaleString("en")} rows`,
          figure: `${peakMb.toFixed(0)} MB`,
          limit: `${MOST_MB} MB`,
          ratio: peakMb / MOST_MB,
          most: 1,
        },
        {
          what: `rows per second of CPU, beside ${base.rows.toLocaleString("en")} rows`,
          figure: (rows / cpu).toFixed(0),
          limit: (base.rows / base.cpu).toFixed(0),
          ratio: rows / cpu / (base.rows / base.cpu),
          ...(rows > base.rows && { least: 0.9 }),
        },
      ]);
    }),
};
