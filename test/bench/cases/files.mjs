import { spawnSync } from "node:child_process";
import { join } from "node:path";
import Database from "better-sqlite3";
import {
  BIN,
  csvRow,
  interleave,
  jsonRow,
  measure,
  measureNode,
  median,
  medianRatio,
  writeLines,
} from "../harness.mjs";

const CSV_PARSE = join(import.meta.dirname, "../loops/csv-parse.mjs");
let databases = 0;

const importArgs = (input) => {
  const database = `import-${++databases}.db`;
  return [BIN, "run", input, "--db", database, "--provider", "sim", "-c", "1", "-q", "--deadline", "1ms"];
};

/** From the same file into tables of the same schema, as durable: each line kept whole, its id taken out, a job for each. */
function shellImport(folder) {
  const name = `shell-${++databases}.db`;
  const model = new Database(join(folder, "model.db"), { readonly: true });
  const schema = model
    .prepare("SELECT sql FROM sqlite_master WHERE tbl_name IN ('inputs', 'jobs') AND sql IS NOT NULL")
    .pluck()
    .all();
  model.close();
  const script = `
PRAGMA journal_mode = WAL;
${schema.join(";\n")};
CREATE TEMP TABLE lines (line TEXT);
.mode ascii
.separator "\\037" "\\n"
.import rows.jsonl lines
BEGIN;
INSERT INTO inputs (id, run, source, line, key, row, input_tokens, output_tokens)
  SELECT rowid, 1, 0, rowid, line ->> '$.id', line, length(line) / 4, 0 FROM lines;
INSERT INTO jobs (id, lane, input, state) SELECT id, 1, id, 'pending' FROM inputs;
COMMIT;
`;
  return measure("sqlite3", [name], { cwd: folder, input: script });
}

/** Answers every row, as a drained run has it. */
function answerAll(path) {
  const db = new Database(path);
  db.exec(`
    UPDATE jobs SET state = 'succeeded', attempt = 1, owner = NULL;
    INSERT OR REPLACE INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      reasoning_tokens, sent_at, latency_ms, wait_ms, finished_at, model, finish_reason, output, response)
    SELECT id, 1, 200, 9, 0, 0, 9, 0, 1, 1, 1, 1, 'm', 'stop', json_quote('A fox is quick, and a dog is not.'), '{}' FROM inputs;
    UPDATE runs SET state = 'finished', finished_at = 1;`);
  db.close();
}

const SHELL_JSONL = `.output shell.jsonl
SELECT json_object('id', key, 'status', jobs.state, 'output', json(output), 'model', model, 'finish_reason', finish_reason,
  'usage', json_object('input_tokens', results.input_tokens, 'output_tokens', results.output_tokens),
  'attempts', jobs.attempt, 'latency_ms', latency_ms, 'input', json(row))
FROM jobs JOIN inputs ON inputs.id = jobs.input JOIN results ON results.job = jobs.id ORDER BY jobs.id;`;
const SHELL_CSV = `.mode csv
.headers on
.output shell.csv
SELECT row ->> '$.id', row ->> '$.prompt', jobs.state, output ->> '$', jobs.error_code, model, results.input_tokens,
  results.output_tokens, cost_usd, jobs.attempt
FROM jobs JOIN inputs ON inputs.id = jobs.input JOIN results ON results.job = jobs.id ORDER BY jobs.id;`;

/** By the clock: the same bytes end on the same disk, whoever writes them. And by CPU, which a busy machine leaves alone. */
export const files = {
  name: "files",
  about: "import and export of JSONL and CSV, beside the sqlite3 shell and csv-parse, in rows per second",
  async run({ rounds, quick, folder }) {
    const cwd = folder;
    // Of fewer rows the start, 0.2 s of CPU, decides.
    const rows = quick ? 200_000 : 1_000_000;
    const hasShell = !spawnSync("sqlite3", ["--version"]).error;
    if (!hasShell)
      console.error(
        "SKIPPED: no sqlite3 on this machine: three of four figures of files are without their limit",
      );
    writeLines(join(folder, "rows.jsonl"), rows, jsonRow);
    writeLines(join(folder, "rows.csv"), rows, csvRow, "id,prompt\n");
    const made = [
      BIN,
      "run",
      "rows.jsonl",
      "--db",
      "model.db",
      "--provider",
      "sim",
      "-q",
      "--deadline",
      "1ms",
    ];
    await measureNode(made, { cwd, exitCodes: [75] });
    answerAll(join(folder, "model.db"));
    const exported = (format) => [BIN, "export", "--db", "model.db", "-o", `out.${format}`, "--force"];
    const all = await interleave(rounds, {
      jsonl: () => measureNode(importArgs("rows.jsonl"), { cwd, exitCodes: [75] }),
      csv: () => measureNode(importArgs("rows.csv"), { cwd, exitCodes: [75] }),
      parse: () => measureNode([CSV_PARSE, "rows.csv"], { cwd }),
      jsonlOut: () => measureNode(exported("jsonl"), { cwd }),
      csvOut: () => measureNode(exported("csv"), { cwd }),
      ...(hasShell && {
        shell: () => shellImport(folder),
        shellJsonl: () => measure("sqlite3", ["model.db"], { cwd, input: SHELL_JSONL }),
        shellCsv: () => measure("sqlite3", ["model.db"], { cwd, input: SHELL_CSV }),
      }),
    });
    const byClock = ({ seconds }) => rows / seconds;
    const byCpu = ({ cpuSeconds }) => rows / cpuSeconds;
    const compared = (what, ours, limit, rate) => ({
      what,
      figure: median(ours.map(rate)).toFixed(0),
      limit: limit ? median(limit.map(rate)).toFixed(0) : "none",
      ratio: limit ? medianRatio(ours, limit, rate) : null,
    });
    const beside = (what, ours, limit, least) => [
      { ...compared(what, ours, limit, byClock), least },
      compared("  per second of CPU", ours, limit, byCpu),
    ];
    return [
      beside("import JSONL, beside the shell", all.jsonl, all.shell, 0.7),
      beside("import CSV, beside csv-parse alone", all.csv, all.parse, 0.6),
      beside("export JSONL, beside the shell", all.jsonlOut, all.shellJsonl, 0.7),
      beside("export CSV, beside the shell", all.csvOut, all.shellCsv, 0.5),
    ].flat();
  },
};
