/**
 * `npm run bench -- pool`: drives the real binary over HTTP against two simulators of unequal quotas, as one pool, and prints how
 * much of each quota it uses. Exits 1 when it is less than a case asks of one that is up, or when a row has failed. The time
 * is the providers': from the first call that either saw to the last.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSimulatorSettings } from "../../src/simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { systemClock } from "../../src/system/clock.ts";
import { runCli } from "../helpers/start-cli.ts";

/** Long enough that the start, which is gentle, weighs little. */
const SECONDS = 60;
const QUOTAS = { large: 3_000, small: 1_200 };
type Name = keyof typeof QUOTAS;
const NAMES = Object.keys(QUOTAS) as Name[];

interface Case {
  name: string;
  down: readonly Name[];
  /** Whether the endpoints' quotas stand in the config file; else the providers' headers tell them. */
  told: boolean;
  /** Least share of each quota that is up. */
  leastUsed: number;
}

const CASES: readonly Case[] = [
  { name: "both up, quotas told", down: [], told: true, leastUsed: 0.95 },
  // The way up is in it.
  { name: "both up, quotas in headers", down: [], told: false, leastUsed: 0.9 },
  { name: "the large one down", down: ["large"], told: true, leastUsed: 0.95 },
  { name: "the small one down", down: ["small"], told: true, leastUsed: 0.95 },
];

let missed = false;
for (const one of CASES) missed = !(await play(one)) || missed;
process.exitCode = missed ? 1 : 0;

async function play({ name, down, told, leastUsed }: Case): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-pool-"));
  const servers = await Promise.all(NAMES.map((server) => serve(server, down.includes(server))));
  const up = NAMES.filter((server) => !down.includes(server));
  const rows = up.reduce((sum, server) => sum + (QUOTAS[server] * SECONDS) / 60, 0);
  writeRun(folder, servers, rows, told);
  const args = ["run", "rows.jsonl", "--breaker-cooldown", "2s", "-o", "out.jsonl"];
  const { code, stderr } = await runCli(args, { cwd: folder });
  const used = usedOf(servers).filter(({ server }) => up.includes(server));
  console.log(
    `${name}: ${used.map(({ server, share }) => `${server} ${percent(share)}`).join(", ")}, exit ${code}`,
  );
  if (code !== 0) console.log(stderr);
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
  return code === 0 && used.every(({ share }) => share >= leastUsed);
}

function serve(name: Name, isDown: boolean): Promise<Simulator> {
  const settings: [string, string][] = [
    ["rpm", String(QUOTAS[name])],
    ["window", "bucket:1s"],
    ["latency", "200ms"],
  ];
  if (isDown) settings.push(["fault", "503"]);
  return startSimulator(parseSimulatorSettings(settings), { clock: systemClock });
}

function writeRun(folder: string, servers: readonly Simulator[], rows: number, told: boolean): void {
  const prompts = Array.from({ length: rows }, (_, row) => JSON.stringify({ prompt: `What is ${row}?` }));
  writeFileSync(join(folder, "rows.jsonl"), prompts.join("\n"));
  const endpoints = NAMES.map((name, index) => {
    const address = { "base-url": servers[index]!.url, model: "m" };
    return [name, told ? { ...address, rpm: QUOTAS[name] } : address];
  });
  const config = { endpoints: Object.fromEntries(endpoints), pool: NAMES };
  writeFileSync(join(folder, "llm-batch.yaml"), JSON.stringify(config));
}

/** What was answered, as a share of what the quota would have let through in the time. */
function usedOf(servers: readonly Simulator[]): { server: Name; share: number }[] {
  const stats = servers.map((server) => server.stats());
  const busy = stats.filter(({ succeeded }) => succeeded > 0);
  const from = Math.min(...busy.map(({ first_call_at }) => first_call_at!));
  const to = Math.max(...busy.map(({ last_call_at }) => last_call_at!));
  return stats.map(({ succeeded }, index) => {
    const server = NAMES[index]!;
    return { server, share: succeeded / ((QUOTAS[server] * (to - from)) / 60_000) };
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
