import { join } from "node:path";
import Database from "better-sqlite3";
import { APPLICATION_ID } from "../../src/store/sqlite/schema.ts";
import { SCHEMA_1 } from "../../src/store/sqlite/schema-1.ts";

/** The run's id. */
export const OLD_RUN = "r_old00001";

const RUN = `
  INSERT INTO runs (number, id, state, fingerprint, path, request, options, sources, created_at)
  VALUES (1, '${OLD_RUN}', 'open', 'f', 'prompts.jsonl', ?, ?, ?, 0)`;
const INPUT = "INSERT INTO inputs (id, run, source, line, key, row) VALUES (?, 1, 0, ?, ?, ?)";
const JOB = "INSERT INTO jobs (id, lane, input, state, attempt) VALUES (?, 1, ?, ?, ?)";
const RESULT = `
  INSERT INTO results (job, attempt, http_status, response, output, model, finish_reason, input_tokens,
    cached_input_tokens, output_tokens, sent_at, latency_ms, wait_ms, finished_at)
  VALUES (?, 1, 200, ?, ?, 'sim-1', 'stop', 10, 0, 10, 0, 20, 0, 0)`;
const TALLY = "INSERT INTO tallies (run, name, value) VALUES (1, ?, ?)";

interface OldRun {
  baseUrl: string;
  concurrency: number;
  /** Of the rows `q-1`, `q-2`, …; each is its own right answer. */
  prompts: readonly string[];
  /** So many of the last rows have no answer yet. */
  pending: number;
}

/** Writes `llm-batch.db` as the first release would have left it in the middle of a run. */
export function writeOldDatabase(cwd: string, run: OldRun): void {
  const db = new Database(join(cwd, "llm-batch.db"));
  db.pragma("journal_mode = WAL");
  db.exec(SCHEMA_1);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma("user_version = 1");
  db.transaction(() => fill(db, run))();
  db.close();
}

function fill(db: Database.Database, { baseUrl, concurrency, prompts, pending }: OldRun): void {
  const request = { ...REQUEST, baseUrl };
  const options = { baseUrl, model: REQUEST.model, concurrency: String(concurrency) };
  const source = { path: "prompts.jsonl", format: "jsonl", hash: "h", columns: null };
  db.prepare(RUN).run(...[request, options, [source]].map((value) => JSON.stringify(value)));
  db.exec("INSERT INTO lanes (id, run, model) VALUES (1, 1, NULL)");
  const [input, job, result] = [INPUT, JOB, RESULT].map((sql) => db.prepare(sql));
  for (const [at, prompt] of prompts.entries()) {
    const id = 2 ** 32 + at + 1;
    const isDone = at < prompts.length - pending;
    input!.run(id, at + 1, `q-${at + 1}`, JSON.stringify({ id: `q-${at + 1}`, prompt }));
    job!.run(id, id, isDone ? "succeeded" : "pending", Number(isDone));
    if (isDone)
      result!.run(
        id,
        JSON.stringify({ choices: [{ message: { content: prompt } }] }),
        JSON.stringify(prompt),
      );
  }
  const done = prompts.length - pending;
  const tally = db.prepare(TALLY);
  for (const name of ["jobs.succeeded", "attempts.total", "attempts.succeeded"]) tally.run(name, done);
  tally.run("jobs.pending", pending);
}

/** As that release wrote it. */
const REQUEST = {
  provider: null,
  baseUrl: "",
  apiKeyEnv: null,
  model: "sim-1",
  api: "chat",
  template: null,
  system: null,
  promptField: null,
  idField: null,
  temperature: null,
  maxTokens: null,
  params: {},
};
