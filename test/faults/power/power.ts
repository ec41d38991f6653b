/**
 * `npm run test:power -- --cuts 2000 --seed 1`: traces what real processes write and sync, then puts together the folders that
 * power cuts at random moments may leave, and checks that nothing acknowledged is lost and nothing is broken. With the
 * durability `normal` it must find losses, or it would find none that is there. Exits 1 otherwise.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../../../src/cli/text/table.ts";
import type { Durability } from "../../../src/ports/store.ts";
import { seeded } from "../../helpers/seeded.ts";
import { startProvider } from "../phases/stage.ts";
import { whyNotPreloaded } from "../preload.ts";
import { cutPower, type Toll } from "./cut-power.ts";
import { exportWorkload } from "./workloads/export.ts";
import { migrateWorkload } from "./workloads/migrate.ts";
import { runWorkload } from "./workloads/run.ts";
import { storeWorkload } from "./workloads/store.ts";
import type { Workload } from "./workloads/workload.ts";

const HEAD = ["work", "durability", "cuts", "broken", "lost", "cuts with a loss", "went on", "verdict"];
const TOLD_AT_MOST = 10;

const { values } = parseArgs({
  options: { cuts: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } },
});
const missing = whyNotPreloaded();
if (missing === null) await cutAll();
else process.stderr.write(`SKIPPED: power cuts, since ${missing}\n`);

async function cutAll(): Promise<void> {
  const simulator = await startProvider();
  const [store, run, exported, migration] = [
    storeWorkload(240),
    runWorkload(simulator, 120),
    exportWorkload(simulator, 300),
    migrateWorkload(simulator, 300),
  ];
  const lines = [
    await strike(store, "full", 0.35),
    await strike(run, "full", 0.3),
    await strike(exported, "full", 0.05),
    await strike(migration, "full", 0.1),
    await strike(store, "normal", 0.1),
    await strike(run, "normal", 0.1),
  ];
  await simulator.close();
  process.stdout.write(`${table(HEAD, lines)}\nseed ${values.seed}\n`);
}

/** Cuts the power of a workload at its share of the moments; gives its line of the table. */
async function strike(workload: Workload, durability: Durability, share: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-power-"));
  try {
    const cuts = Math.ceil(wholeNumber("cuts") * share);
    const goOn = durability === "full" ? Math.ceil(cuts / 20) : 0;
    const random = seeded(wholeNumber("seed"));
    return lineOf(workload, durability, await cutPower(workload, { folder, durability, cuts, goOn, random }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineOf({ name }: Workload, durability: Durability, toll: Toll): string[] {
  const { cuts, corrupt, lost, cutsWithLoss, wentOn } = toll;
  const isRight = corrupt.length === 0 && cutsWithLoss > 0 === (durability === "normal");
  const told = durability === "full" ? [...corrupt, ...lost] : corrupt;
  for (const what of told.slice(0, TOLD_AT_MOST)) process.stderr.write(`${name}: ${what}\n`);
  if (!isRight) process.exitCode = 1;
  const figures = [cuts, corrupt.length, lost.length, cutsWithLoss, wentOn].map(String);
  const line = [name, durability, ...figures, isRight ? "ok" : "WRONG"];
  process.stderr.write(`${line.join("  ")}\n`);
  return line;
}

function wholeNumber(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a whole number from 1, not ${values[name]}`);
}
