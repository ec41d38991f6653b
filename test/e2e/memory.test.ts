import { createWriteStream, statSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { WAL_BYTES } from "../faults/soak/gates.ts";
import { peakOf, type Sample } from "../faults/soak/sample.ts";
import { watch } from "../faults/soak/watch.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { at, simulate } from "../helpers/simulate.ts";

const ROWS = 4_000;
const CONCURRENCY = 16;
/** What a process holds before its first call: its streams, the database's files, and Node's own. */
const OWN_FDS = 40;

/** The short form of `npm run test:soak`, which also measures memory. */
describe.runIf(process.platform === "linux")("a run of 4,000 rows", () => {
  let peak: Sample;

  test("keeps to its connections", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, ROWS);
    const simulator = await simulate();
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", String(CONCURRENCY)];
    const note = async () => ({ calls: simulator.stats().calls });
    const { ended, samples } = await watch(args, { cwd, everyMs: 50, note });
    expect(ended.code).toBe(0);
    const draining = samples.filter(({ calls }) => calls > 0);
    expect(draining.length).toBeGreaterThan(5);
    peak = peakOf(draining);
    expect(peak.fds).toBeGreaterThan(CONCURRENCY);
    expect(peak.fds).toBeLessThanOrEqual(OWN_FDS + CONCURRENCY);
  }, 180_000);

  test("and its write-ahead log small", () => {
    expect(peak.wal).toBeGreaterThan(0);
    expect(peak.wal).toBeLessThanOrEqual(WAL_BYTES);
  });
});

test("large rows and answers get through a small heap, fewer at a time", async () => {
  const cwd = tempFolder();
  const text = "x".repeat(4 * 1024 * 1024);
  const file = createWriteStream(join(cwd, "prompts.jsonl"));
  for (let row = 1; row <= 8; row++) file.write(`${JSON.stringify({ prompt: `${row} ${text}` })}\n`);
  await finished(file.end());
  const simulator = await simulate(["answer", "echo"]);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "8", "-o", "results.jsonl"];
  const env = { NODE_OPTIONS: "--max-old-space-size=80" };
  const { code, stderr } = await runCli(args, { cwd, env });
  expect(code, stderr.slice(0, 500)).toBe(0);
  expect(statSync(join(cwd, "results.jsonl")).size).toBeGreaterThan(2 * 8 * text.length);
});
