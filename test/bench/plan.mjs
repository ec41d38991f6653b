// What `plan` takes in time and memory: node test/bench/plan.mjs [rows ...], after a build. One row is 100 bytes.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const MEASURE = `process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS)));`;
const FLAGS = ["-m", "gpt-4.1-mini", "--max-tokens", "100", "--rpm", "10000", "--json"];

const sizes = process.argv.slice(2).map(Number);
for (const rows of sizes.length > 0 ? sizes : [50_000, 500_000, 5_000_000]) measure(rows);

function measure(rows) {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-bench-"));
  try {
    writeRows(join(folder, "rows.jsonl"), rows);
    const hook = `data:text/javascript,${encodeURIComponent(MEASURE)}`;
    const startedAt = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", hook, BIN, "plan", "rows.jsonl", ...FLAGS],
      { cwd: folder, encoding: "utf8" },
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    if (status !== 0) throw new Error(stderr);
    const { calls, duration_seconds, cost_usd } = JSON.parse(stdout);
    const megabytes = Math.round(Number(stderr) / 1_024);
    console.log(
      `${rows} rows: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s, peak ${megabytes} MB;`,
      `${calls} calls in ${duration_seconds} s, $${cost_usd.typical.toFixed(2)}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeRows(path, rows) {
  const file = openSync(path, "w");
  let block = "";
  for (let row = 1; row <= rows; row++) {
    block += `${JSON.stringify({ id: `r-${row}`, prompt: `${row} `.padEnd(100 - 24 - `${row}`.length, "word ") })}\n`;
    if (block.length > 1 << 20 || row === rows) {
      writeSync(file, block);
      block = "";
    }
  }
  closeSync(file);
}
