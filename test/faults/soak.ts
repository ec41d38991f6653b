/**
 * `npm run test:soak -- --rows 1000000`: drains so many rows at full speed through the real binary and a simulator in a process of
 * its own, and watches what the binary holds: memory, descriptors, the write-ahead log, the database. Exits 1 when any of it
 * grows with the rows. Linux only; a million rows take about five minutes and 1.2 GB of disk.
 */
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { table } from "../../src/cli/text/table.ts";
import { type Started, startCli } from "../helpers/start-cli.ts";
import { inMib, judge } from "./soak/gates.ts";
import { type Stretch, stretchesOf, stretchOf } from "./soak/stretches.ts";
import { type Watched, watch } from "./soak/watch.ts";

const SAMPLE_MS = 500;
const ROWS_PER_WRITE = 1_000;
const HEAD = ["stretch", "seconds", "rss MiB", "fds", "log MiB", "database MiB"];

const { values } = parseArgs({ options: { rows: { type: "string", default: "1000000" } } });
const rows = Number(values.rows);
if (!Number.isSafeInteger(rows) || rows < 1)
  throw new Error(`--rows takes a whole number from 1, not ${values.rows}`);

const cwd = mkdtempSync(join(tmpdir(), "llm-batch-soak-"));
const provider = startCli(["simulate", "--json"], { cwd });
try {
  const url = await urlOf(provider);
  await writeInput();
  const args = ["run", "prompts.jsonl", "--base-url", url, "-m", "sim-1", "-c", "64"];
  const run = checked(await watch(args, { cwd, everyMs: SAMPLE_MS, note: () => callsSoFar(url) }));
  const note = async (): Promise<object> => ({});
  const exportArgs = ["export", "-o", "results.jsonl"];
  const exported = checked(await watch(exportArgs, { cwd, everyMs: SAMPLE_MS / 5, note }));
  const [imported, ...tenths] = stretchesOf(run.samples, rows);
  const stretches = [imported!, ...tenths, stretchOf("export", exported.samples)];
  process.stdout.write(`${table(HEAD, stretches.map(cells))}\n`);
  const drain = stretchOf(
    "drain",
    run.samples.filter(({ calls }) => calls > 0),
  );
  process.stdout.write(
    `${rows} rows, ${Math.round(stretches.at(-1)!.database / rows)} bytes of database a row, ` +
      `${Math.round(rows / (drain.durationMs / 1000))} rows/s in the drain\n`,
  );
  for (const { what, holds } of judge(stretches, tenths, rows)) {
    process.stdout.write(`${holds ? "ok" : "WRONG"}: ${what}\n`);
    if (!holds) process.exitCode = 1;
  }
} finally {
  provider.process.kill();
  await provider.ended;
  rmSync(cwd, { recursive: true });
}

async function writeInput(): Promise<void> {
  await pipeline(Readable.from(lines()), createWriteStream(join(cwd, "prompts.jsonl")));
}

function* lines(): Generator<string> {
  for (let at = 1; at <= rows; at += ROWS_PER_WRITE) {
    let text = "";
    for (let row = at; row < at + ROWS_PER_WRITE && row <= rows; row++)
      text += `{"id":"q-${row}","prompt":"Say in one word what comes after ${row}, and nothing else."}\n`;
    yield text;
  }
}

async function urlOf({ process, output }: Started): Promise<string> {
  await once(process.stdout!, "data");
  return JSON.parse(output().stdout).url;
}

async function callsSoFar(url: string): Promise<{ calls: number }> {
  const stats = await fetch(new URL("/stats", url), { headers: { accept: "application/json" } });
  return { calls: ((await stats.json()) as { calls: number }).calls };
}

function checked<T>(watched: Watched<T>): Watched<T> {
  const { code, stderr } = watched.ended;
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stderr.slice(-500)}`);
  return watched;
}

function cells({ name, durationMs, rss, fds, wal, database }: Stretch): string[] {
  return [name, (durationMs / 1000).toFixed(0), inMib(rss), String(fds), inMib(wal), inMib(database)];
}
