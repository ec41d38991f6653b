import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cpuOfChildren, cpuOfServer } from "./cpu.ts";
import { type Bench, type Figure, gated, seen, Trial } from "./rig.ts";

const TABLES = {
  inputs: "id, run, source, line, key, row, characters, input_tokens, output_tokens, request_hash",
  jobs: "id, lane, input, sample, state",
};

/** Reading rows in, against psql's \copy of the very same rows into the very same tables. */
export async function importCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 500_000;
  const trial = await Trial.open(server, []);
  try {
    await pipeline(Readable.from(lines(count)), createWriteStream(join(trial.cwd, "in.jsonl")));
    await trial.run(["runs"], [0, 2]);
    const target = ["--base-url", trial.simulator!.url, "-m", "sim-1"];
    const before = { client: cpuOfChildren(), server: cpuOfServer(server) };
    const ours = await seconds(() => trial.run(["run", "in.jsonl", "--detach", ...target]));
    const client = cpuOfChildren() - before.client;
    const database = cpuOfServer(server) - before.server;
    copyOut(trial);
    await trial.query("TRUNCATE {s}.inputs, {s}.jobs");
    const inputs = await seconds(async () => copyIn(trial, "inputs"));
    const jobs = await seconds(async () => copyIn(trial, "jobs"));
    const ratio = (inputs + jobs) / ours;
    const micros = (cpu: number): string => ((cpu / count) * 1e6).toFixed(1);
    return [
      seen("rows a second, with the start of the process", Math.round(count / ours)),
      seen("CPU µs a row: client, database", `${micros(client)}, ${micros(database)}`),
      seen(
        "rows a second by psql: inputs, jobs",
        [inputs, jobs].map((s) => Math.round(count / s)).join(", "),
      ),
      gated("ours to psql's, both tables", ratio, ">= 0.6", ratio >= 0.6),
      seen("ours, with jobs, to psql's of inputs alone", (inputs / ours).toFixed(2)),
    ];
  } finally {
    await trial.close();
  }
}

function* lines(count: number): Generator<string> {
  for (let at = 1; at <= count; at += 1) {
    yield `${JSON.stringify({ id: `q-${at}`, prompt: `${at} ${"x".repeat(150)}` })}\n`;
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function copyOut(trial: Trial): void {
  for (const [table, columns] of Object.entries(TABLES)) {
    const query = `SELECT ${columns} FROM ${trial.schema}.${table} ORDER BY id`;
    psql(trial, `\\copy (${query}) TO '${join(trial.cwd, table)}'`);
  }
}

function copyIn(trial: Trial, table: keyof typeof TABLES): void {
  psql(trial, `\\copy ${trial.schema}.${table} (${TABLES[table]}) FROM '${join(trial.cwd, table)}'`);
}

function psql(trial: Trial, command: string): void {
  execFileSync("psql", [trial.db.split("?")[0]!, "-q", "-v", "ON_ERROR_STOP=1", "-c", command]);
}
