// Measures the job table: `node --import tsx test/bench/store.mjs [rows]`, next to the sqlite3 shell where there is one.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";

const ROWS = Number(process.argv[2] ?? 200_000);
const IMPORT_BATCH = 5_000;
const DRAIN_BATCH = 200;
const GROUPS = 10_000;
const PAGE_ROWS = 2_000;
const ROW = JSON.stringify({ prompt: "x".repeat(170) });
const STATES = ["pending", "running", "succeeded", "failed", "cancelled"];

const folder = mkdtempSync(join(tmpdir(), "llm-batch-bench-"));
const open = () =>
  openStore({ path: join(folder, "jobs.db"), clock: systemClock, random: systemRandom, durability: "full" });

const newRun = {
  fingerprint: "f",
  request: { samples: 1 },
  options: {},
  sources: [],
  output: null,
  sharing: { dedupe: false, reuse: false },
  mayRepeat: true,
};
const charge = { inputTokens: 50, outputTokens: 100 };
const answer = {
  output: '"an answer"',
  model: "m",
  finishReason: "stop",
  usage: { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 9, reasoningTokens: 0 },
  serviceTier: null,
};
const raw = JSON.stringify({ choices: [{ message: { content: "an answer" } }], padding: "y".repeat(300) });

const begin = () => ({ at: performance.now(), cpu: process.cpuUsage() });

/** With the CPU of this process; the shell's is not in it. */
function report(name, rows, started) {
  const seconds = (performance.now() - started.at) / 1_000;
  const { user, system } = process.cpuUsage(started.cpu);
  const rate = Math.round(rows / seconds).toLocaleString("en");
  const cpu = ((user + system) / rows).toFixed(1);
  const rss = Math.round(process.memoryUsage().rss / 1e6);
  process.stdout.write(
    `${name.padEnd(44)} ${rate.padStart(10)} rows/s   CPU ${cpu.padStart(5)} us   rss ${rss} MB\n`,
  );
}

async function fill(store, name, keyOf, groupOf = () => null) {
  const started = begin();
  const target = await store.beginImport(newRun);
  for (let from = 0; from < ROWS; from += IMPORT_BATCH) {
    const rows = [];
    for (let at = from; at < Math.min(from + IMPORT_BATCH, ROWS); at++)
      rows.push({
        key: keyOf(at),
        line: at + 1,
        row: ROW,
        model: null,
        group: groupOf(at),
        charge,
        requestHash: null,
        error: null,
      });
    await target.append(0, rows);
  }
  const run = await target.finish([{ path: "in.jsonl", format: "jsonl", hash: "", columns: null }]);
  report(name, ROWS, started);
  return run.id;
}

function ending(job, at) {
  const outcome = {
    kind: "succeeded",
    code: "http_200",
    message: "",
    httpStatus: 200,
    requestId: "req",
    retryAfterMs: null,
    blockedBy: null,
    quota: [],
    answer,
    costNanoUsd: 4_500,
    raw,
  };
  const timing = {
    sentAt: systemClock.wall(),
    latencyMs: 20 + (at % 5_000),
    waitMs: at % 50,
    slotFreeAt: systemClock.now() - 20,
  };
  return {
    job,
    outcome,
    decision: { state: "succeeded", availableAt: 0, countsAs: null },
    timing,
    provider: "sim",
  };
}

async function drain(store, run, name = "") {
  const started = begin();
  let done = 0;
  for (;;) {
    const jobs = await store.claim(run, { model: null, stage: 0 }, DRAIN_BATCH);
    if (jobs.length === 0) break;
    await Promise.all(jobs.map((job) => store.record(ending(job, done++))));
  }
  report(`claim + complete, batches of ${DRAIN_BATCH}, FULL${name}`, done, started);
}

async function readAll(store, run) {
  const started = begin();
  let rows = 0;
  for (let after = 0; ; ) {
    const page = await store.page(run, { after, limit: PAGE_ROWS, states: STATES, raw: false });
    if (page.length === 0) break;
    rows += page.length;
    after = page.at(-1).id;
  }
  report("pages", rows, started);
}

async function status(store, run) {
  const started = begin();
  const times = 100;
  for (let at = 0; at < times; at++) await store.figures(run);
  process.stdout.write(`figures: ${((performance.now() - started.at) / times).toFixed(2)} ms\n`);
}

/** The shell fills tables of the same schema from one file of values, which is the most the disk and SQLite allow. */
function fillWithShell(keyed) {
  if (spawnSync("sqlite3", ["--version"]).error) return;
  const database = join(folder, "shell.db");
  const schema = execFileSync("sqlite3", [join(folder, "jobs.db"), ".schema inputs", ".schema jobs"], {
    encoding: "utf8",
  });
  const statements = [];
  for (let at = 1; at <= ROWS; at++) {
    const key = keyed ? `'q-${at}'` : "NULL";
    if (at % 100 === 1)
      statements.push(
        "INSERT INTO inputs (id, run, source, line, key, row, input_tokens, output_tokens) VALUES ",
      );
    statements.push(`(${at},1,0,${at},${key},'${ROW}',50,100)${at % 100 === 0 || at === ROWS ? ";\n" : ","}`);
  }
  const script = join(folder, "fill.sql");
  const jobs = "INSERT INTO jobs (id, lane, input, state) SELECT id, 1, id, 'pending' FROM inputs;";
  writeFileSync(
    script,
    `PRAGMA journal_mode=WAL;\n${schema}\nBEGIN;\n${statements.join("")}${jobs}\nCOMMIT;\n`,
  );
  const started = begin();
  execFileSync("sqlite3", [database, `.read ${script}`]);
  report(`sqlite3 shell, same tables${keyed ? ", with ids" : ""}`, ROWS, started);
  rmSync(database);
}

try {
  const store = await open();
  await fill(store, "import, with ids", (at) => `q-${at + 1}`);
  const run = await fill(store, "import", () => null);
  const grouped = await fill(
    store,
    `import, ${GROUPS} groups`,
    () => null,
    (at) => `group-${at % GROUPS}`,
  );
  fillWithShell(true);
  fillWithShell(false);
  await drain(store, run);
  await drain(store, grouped, ", groups");
  await readAll(store, run);
  await status(store, run);
  const started = begin();
  await store.removeRun(run);
  report("remove", ROWS, started);
  await store.close();
} finally {
  rmSync(folder, { recursive: true });
}
