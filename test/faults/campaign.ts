import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/ports/random.ts";
import { Crew } from "./crew.ts";
import { type Account, emptyAccount } from "./ledger.ts";
import type { Phase } from "./phases/phase.ts";

/** A row fails as the cause of crashes once its process died ten times while it had the row. */
const KILLS_PER_RUN = 9;

/** On a loaded machine a run may end before its kill comes. */
const RUNS_MISSED_AT_MOST = 10;

export interface Campaign {
  phase: Phase;
  processes: number;
  kills: number;
  random: Random;
}

/** Stages a phase again and again until so many kills have hit, and adds up what came of them. */
export async function strikePhase({ phase, processes, kills, random }: Campaign): Promise<Account> {
  const sum = emptyAccount();
  for (let runs = 0; sum.kills < kills; runs++) {
    if (runs > kills + RUNS_MISSED_AT_MOST) throw new Error(`${phase.name}: runs end before they are killed`);
    const cwd = mkdtempSync(join(tmpdir(), "llm-batch-faults-"));
    try {
      const most = Math.min(KILLS_PER_RUN, kills - sum.kills);
      add(sum, await strikeRun(phase, cwd, { processes, kills: most, random }));
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  }
  return sum;
}

/** One run from its stage to its end, with so many kills on the way, or fewer where it ends before. */
async function strikeRun(
  phase: Phase,
  cwd: string,
  { processes, kills, random }: Omit<Campaign, "phase">,
): Promise<Account> {
  const stage = await phase.stage(cwd);
  const { ledger, simulator } = stage;
  const crew = new Crew(stage, processes, random);
  try {
    let isOver = false;
    while (!isOver && ledger.account.kills < kills) {
      const hit = await crew.strike();
      for (let kill = 0; kill < hit; kill++) ledger.kill();
      isOver = (await stage.afterKill(crew.isAtRest)) || hit === 0;
    }
    await crew.finish();
    await stage.atEnd();
    return ledger.account;
  } finally {
    await simulator.close();
  }
}

function add(sum: Account, { violations, ...figures }: Account): void {
  for (const [name, value] of Object.entries(figures)) sum[name as keyof typeof figures] += value;
  sum.violations.push(...violations);
}
