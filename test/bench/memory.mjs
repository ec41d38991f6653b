// Whether memory stays flat in the size of a file: the peak RSS of the real binary reading and writing 10 MB and 1 GB of
// each format. Takes the larger size in MB: node test/bench/memory.mjs [1000]
import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGzip } from "node:zlib";
import Database from "better-sqlite3";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");
const MB = 1_000_000;
const SMALL_MB = 10;
const LARGE_MB = Number(process.argv[2] ?? 1_000);
const MOST = 1.2;
const TEXT = 'The quick brown fox jumps over the lazy dog, "twice", and then once more. '.repeat(24);

const message = (id) => ({ role: "user", content: `${id} ${TEXT}` });
const INPUTS = {
  jsonl: { name: "in.jsonl", row: (id) => JSON.stringify({ id: `r${id}`, prompt: `${id} ${TEXT}` }) },
  csv: { name: "in.csv", head: "id,prompt", row: (id) => `r${id},"${id} ${TEXT.replaceAll('"', '""')}"` },
  "jsonl.gz": { name: "in.jsonl.gz", row: (id) => JSON.stringify({ prompt: `${id} ${TEXT}` }) },
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

/** Peak resident set of a command, in MB. */
function peakOf(args, cwd, exitCodes) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, "-q", ...args], {
      cwd,
      stdio: ["ignore", "ignore", "inherit"],
    });
    let peak = 0;
    const look = () => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // It has just ended.
      }
    };
    const timer = setInterval(look, 20);
    child.on("exit", (code) => {
      clearInterval(timer);
      if (exitCodes.includes(code)) resolve(peak);
      else reject(new Error(`${args.join(" ")}: exit ${code}`));
    });
  });
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

async function measure(folder, sizeMb) {
  const peaks = {};
  for (const [format, input] of Object.entries(INPUTS)) {
    await write(join(folder, input.name), input, sizeMb * MB);
    const database = `${format.replaceAll(/\W/g, "")}-${sizeMb}.db`;
    const run = ["--db", database, "run", input.name, "--provider", "sim", "-c", "1", "--deadline", "1ms"];
    peaks[`read ${format}`] = await peakOf(run, folder, [75]);
    if (format === "jsonl") answerAll(join(folder, database));
    else rmSync(join(folder, database));
    rmSync(join(folder, input.name));
  }
  for (const format of OUTPUTS) {
    const args = ["--db", `jsonl-${sizeMb}.db`, "export", "--output-format", format, "-o", `out.${format}`];
    peaks[`write ${format}`] = await peakOf(args, folder, [0]);
    rmSync(join(folder, `out.${format}`));
  }
  return peaks;
}

const folder = mkdtempSync(join(tmpdir(), "llm-batch-memory-"));
try {
  const small = await measure(folder, SMALL_MB);
  const large = await measure(folder, LARGE_MB);
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
