/**
 * `npm run test:faults -- --kills 200 --seed 1 --db sqlite|postgres`: kills the real binary with SIGKILL at random moments of each phase, runs the
 * same command again until the run is finished, and keeps the provider's calls against what is on record. Exits 1
 * when anything was lost, doubled or repeated beyond what was in flight.
 */
import { parseArgs } from "node:util";
import { table } from "../../src/cli/text/table.ts";
import { type PostgresServer, startOwnPostgres } from "../helpers/postgres-server.ts";
import { seeded } from "../helpers/seeded.ts";
import { strikePhase } from "./campaign.ts";
import type { Account } from "./ledger.ts";
import { drainPhase } from "./phases/drain.ts";
import { exportPhase } from "./phases/export.ts";
import { importPhase } from "./phases/import.ts";
import { migratePhase } from "./phases/migrate.ts";
import type { Phase } from "./phases/phase.ts";
import { retryPhase } from "./phases/retry.ts";

const PHASES: readonly Phase[] = [importPhase, drainPhase, retryPhase, exportPhase];
const CREWS = [1, 2];
const HEAD = [
  "phase",
  "processes",
  "kills",
  "lost",
  "doubled",
  "repeated",
  "in flight at the kills",
  "verdict",
];

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    db: { type: "string", default: "sqlite" },
  },
});
if (!["sqlite", "postgres"].includes(values.db))
  throw new Error(`--db takes sqlite or postgres, not ${values.db}`);
const server = values.db === "postgres" ? await startServer() : null;
// No older release kept its job table on a server.
const phases = server === null ? [...PHASES, migratePhase] : PHASES;
const random = seeded(wholeNumber("seed"));
const killsOfEach = Math.ceil(wholeNumber("kills") / (phases.length * CREWS.length));

const accounts: Account[] = [];
const lines: string[][] = [];
for (const phase of phases) {
  for (const processes of CREWS) {
    const account = await strikePhase({ phase, processes, kills: killsOfEach, random });
    accounts.push(account);
    lines.push([phase.name, String(processes), ...figuresOf(account)]);
    process.stderr.write(`${lines.at(-1)!.join("  ")}\n`);
    for (const violation of account.violations) process.stderr.write(`  ${violation}\n`);
  }
}
process.stdout.write(`${table(HEAD, lines)}\n`);
process.stdout.write(
  `${accounts.reduce((sum, { kills }) => sum + kills, 0)} kills, seed ${values.seed}, ${values.db}\n`,
);
await server?.close();
process.exitCode = accounts.every(isRight) ? 0 : 1;

/** A server of our own, on which the binary is tested from now. */
async function startServer(): Promise<PostgresServer> {
  const server = await startOwnPostgres();
  if (server === null) throw new Error("--db postgres needs PostgreSQL's binaries");
  Object.assign(process.env, { LLM_BATCH_TEST_DB: "postgres", DATABASE_URL: server.url });
  return server;
}

function wholeNumber(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a whole number from 1, not ${values[name]}`);
}

function figuresOf(account: Account): string[] {
  const { kills, lost, doubled, repeated, inFlight } = account;
  return [...[kills, lost, doubled, repeated, inFlight].map(String), isRight(account) ? "ok" : "WRONG"];
}

function isRight({ lost, doubled, violations }: Account): boolean {
  return lost === 0 && doubled === 0 && violations.length === 0;
}
