// Whether memory stays flat in the size of a file: the peak RSS of the real binary reading and writing 10 MB and 1 GB of
// each format. Takes the larger size in MB: node test/bench/memory.mjs [1000]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import Database from "better-sqlite3";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const MB = 1_000_000;
const SMALL_MB = 10;
const LARGE_MB = Number(process.argv[2] ?? 1_000);
const MOST = 1.2;
const FILLER = 'The quick brown fox jumps over the lazy dog, "twice", and then once more. '.repeat(24);

const message = (id) => ({ role: "user", content: `${id} ${FILLER}` });
const INPUTS = {
  jsonl: { name: "in.jsonl", row: (id) => JSON.stringify({ id: `r${id}`, prompt: `${id} ${FILLER}` }) },
  csv: { name: "in.csv", head: "id,prompt", row: (id) => `r${id},"${id} ${FILLER.replaceAll('"', '""')}"` },
  "jsonl.gz": { name: "in.jsonl.gz", row: (id) => JSON.stringify({ prompt: `${id} ${FILLER}` }) },
  "openai batch": {
    name: "openai.jsonl",
    row: (id) =>
      JSON.stringify({
        custom_id: `r${id}`,
        method: "POST",
        url: "/v1/chat/completions",
        body: { model: "m", messages: [message(id)] },
      }),
  },
  "anthropic batch": {
    name: "anthropic.jsonl",
    row: (id) =>
      JSON.stringify({ custom_id: `r${id}`, params: { model: "m", max_tokens: 9, messages: [message(id)] } }),
  },
};
const OUTPUTS = ["jsonl", "csv", "openai", "anthropic", "parquet"];

/** Makes a process tell its own peak at its end: who looks from outside may look too early. */
const TELL_PEAK = `data:text/javascript,
  import { writeSync } from "node:fs";
  process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));`;

/** Peak resident set of a command, in MB. */
async function peakOf(args, cwd, exitCodes) {
  const child = spawn(process.execPath, ["--import", TELL_PEAK, BIN, "-q", ...args], {
    cwd,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const told = text(child.stdio[3]);
  const [code] = await once(child, "exit");
  if (!exitCodes.includes(code)) throw new Error(`${args.join(" ")}: exit ${code}`);
  return Number(await told) / 1024;
}

async function write(path, { head, row }, bytes) {
  const file = createWriteStream(path);
  const out = path.endsWith(".gz") ? createGzip({ level: 1 }) : file;
  if (out !== file) out.pipe(file);
  const closed = new Promise((resolve) => file.on("close", resolve));
  if (head) out.write(`${head}\n`);
  let written = 0;
  for (let id = 1; written < bytes; id++) {
    const line = `${row(id)}\n`;
    written += line.length;
    if (!out.write(line)) await new Promise((resolve) => out.once("drain", resolve));
  }
  out.end();
  await closed;
}

/** Every row answered with a text of its own size. */
function answerAll(database) {
  const db = new Database(database);
  db.exec(`
    UPDATE jobs SET state = 'succeeded', attempt = 1, owner = NULL;
    INSERT OR REPLACE INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      reasoning_tokens, sent_at, latency_ms, wait_ms, finished_at, model, finish_reason, output, response)
    SELECT id, 1, 200, 9, 0, 0, 9, 0, 1, 1, 1, 1, 'm', 'stop', json_quote(row), row FROM inputs;
    UPDATE runs SET state = 'finished', finished_at = 1;`);
  db.close();
}

/** The middle one of three: a run of 10 MB is over before its memory has settled. */
async function middlePeakOf(args, cwd, exitCodes, after) {
  const peaks = [];
  for (let run = 0; run < 3; run++) {
    if (run > 0) after();
    peaks.push(await peakOf(args, cwd, exitCodes));
  }
  return peaks.sort((a, b) => a - b)[1];
}

async function measure(folder, sizeMb, peak) {
  const peaks = {};
  const remove = (name) => rmSync(join(folder, name), { force: true });
  for (const [format, input] of Object.entries(INPUTS)) {
    await write(join(folder, input.name), input, sizeMb * MB);
    const database = `${format.replaceAll(/\W/g, "")}-${sizeMb}.db`;
    const run = ["--db", database, "run", input.name, "--provider", "sim", "-c", "1", "--deadline", "1ms"];
    peaks[`read ${format}`] = await peak(run, folder, [75], () => remove(database));
    if (format === "jsonl") answerAll(join(folder, database));
    else remove(database);
    remove(input.name);
  }
  for (const format of OUTPUTS) {
    const output = `out.${format}`;
    const args = ["--db", `jsonl-${sizeMb}.db`, "export", "--output-format", format, "-o", output];
    peaks[`write ${format}`] = await peak(args, folder, [0], () => remove(output));
    remove(output);
  }
  return peaks;
}

const folder = mkdtempSync(join(tmpdir(), "llm-batch-memory-"));
try {
  const small = await measure(folder, SMALL_MB, middlePeakOf);
  const large = await measure(folder, LARGE_MB, peakOf);
  let held = true;
  console.log(`peak RSS in MB | ${SMALL_MB} MB | ${LARGE_MB} MB | ratio | <= ${MOST}`);
  for (const [what, peak] of Object.entries(large)) {
    const ratio = peak / small[what];
    held &&= ratio <= MOST;
    const verdict = ratio <= MOST ? "held" : "MISSED";
    console.log(
      `${what} | ${small[what].toFixed(0)} | ${peak.toFixed(0)} | ${ratio.toFixed(2)} | ${verdict}`,
    );
  }
  process.exitCode = held ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
