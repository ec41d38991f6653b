import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { parseSimulatorSettings } from "../../../src/simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { systemClock } from "../../../src/system/clock.ts";
import type { PostgresServer } from "../../helpers/postgres-server.ts";
import { type Ended, type Started, startCli } from "../../helpers/start-cli.ts";

export interface Bench {
  server: PostgresServer;
  /** Null takes what each case has by itself. */
  rows: number | null;
  workers: readonly number[];
}

export interface Figure {
  what: string;
  value: string;
  gate: string;
  isMet: boolean;
}

/** A figure without a gate. */
export function seen(what: string, value: string | number): Figure {
  return { what, value: String(value), gate: "", isMet: true };
}

export function gated(what: string, value: number, gate: string, isMet: boolean): Figure {
  return { what, value: String(Math.round(value * 10_000) / 10_000), gate, isMet };
}

let stages = 0;

/** A folder, a schema, a simulator, and the workers of one trial. */
export class Trial {
  readonly cwd = mkdtempSync(join(tmpdir(), "llm-batch-bench-"));
  readonly schema = `bench_${process.pid}_${++stages}`;
  readonly db: string;
  readonly simulator: Simulator | null;
  readonly workers: Started[] = [];

  private constructor(server: PostgresServer, simulator: Simulator | null) {
    this.db = `${server.url}?schema=${this.schema}`;
    this.simulator = simulator;
  }

  /** Without settings there is no simulator of its own. */
  static async open(server: PostgresServer, settings: [string, string][] | null): Promise<Trial> {
    const simulator =
      settings && (await startSimulator(parseSimulatorSettings(settings), { clock: systemClock, port: 0 }));
    return new Trial(server, simulator);
  }

  /** Imports rows without sending them. */
  async import(rows: number, flags: readonly string[]): Promise<void> {
    const lines = Array.from(
      { length: rows },
      (_, at) => `{"id":"q-${at + 1}","prompt":"prompt ${at + 1}"}\n`,
    );
    writeFileSync(join(this.cwd, "in.jsonl"), lines.join(""));
    const target = this.simulator ? ["--base-url", this.simulator.url, "-m", "sim-1"] : ["--provider", "sim"];
    await this.run(["run", "in.jsonl", "--detach", ...target, ...flags]);
  }

  /** @throws where it doesn't end with one of the codes */
  async run(args: readonly string[], codes: readonly number[] = [0]): Promise<Ended> {
    const ended = await startCli(["--db", this.db, ...args], { cwd: this.cwd }).ended;
    if (!codes.includes(ended.code ?? -1))
      throw new Error(`${args[0]} ended with ${ended.code}: ${ended.stderr}`);
    return ended;
  }

  startWorker(flags: readonly string[] = []): Started {
    const args = ["--db", this.db, "work", "--exit-when-idle", "--progress", "none", ...flags];
    const worker = startCli(args, { cwd: this.cwd });
    this.workers.push(worker);
    return worker;
  }

  /** Starts so many, with slots enough for a quota that is theirs together. */
  startWorkers(count: number, concurrency: number): void {
    for (let at = 0; at < count; at += 1) this.startWorker(["-c", String(concurrency)]);
  }

  /** Waits until all that live have ended; gives those that ended badly. */
  async finished(): Promise<string[]> {
    const ends = await Promise.all(this.workers.map(({ ended }) => ended));
    return ends
      .filter(({ code, signal }) => code !== 0 && signal !== "SIGKILL")
      .map(({ code, signal, stderr }) => `${code ?? signal}: ${stderr.slice(-400)}`);
  }

  /** Rows, in the order of the input. */
  async results(): Promise<{ id: string; status: string; output: string }[]> {
    const { stdout } = await this.run(["export", "-o", "-", "--partial"], [0]);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  async query<Row>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.db.split("?")[0] });
    await client.connect();
    try {
      return (await client.query(sql.replaceAll("{s}", this.schema))).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const { process } of this.workers) process.kill("SIGKILL");
    await this.simulator?.close();
    rmSync(this.cwd, { recursive: true, force: true });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.timer(systemClock.now() + ms, resolve));
}

/** What no trial may show: rows lost or doubled, or workers that ended badly. */
export async function soundness(trial: Trial, rows: number): Promise<Figure[]> {
  const badEnds = await trial.finished();
  const results = await trial.results();
  const ids = new Set(results.map(({ id }) => id));
  const wrong = results.filter(({ status }) => status !== "succeeded").length;
  const doubled = results.length - ids.size;
  const doctor = JSON.parse(
    (await trial.run(["doctor", "--json", "--offline", "--provider", "sim"], [0, 2])).stdout,
  ) as { checks: { name: string; verdict: string; message: string }[] };
  const unsound = doctor.checks.filter(({ verdict }) => verdict === "failed");
  return [
    gated("rows lost", rows - ids.size + wrong, "0", rows === ids.size && wrong === 0),
    gated("rows doubled", doubled, "0", doubled === 0),
    {
      what: "workers that ended badly",
      value: badEnds.join("; ") || "0",
      gate: "0",
      isMet: badEnds.length === 0,
    },
    {
      what: "checks of the tables that fail",
      value: unsound.map(({ name, message }) => `${name}: ${message}`).join("; ") || "0",
      gate: "0",
      isMet: unsound.length === 0,
    },
  ];
}
