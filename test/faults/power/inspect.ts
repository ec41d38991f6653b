import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultRow } from "../../../src/ports/results.ts";
import type { Store } from "../../../src/ports/store.ts";
import { openStore } from "../../../src/store/sqlite/open.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { allRows } from "../../helpers/stored-run.ts";
import type { Acknowledged } from "./acknowledged.ts";

export interface Expected {
  prompts: readonly string[];
  database: string;
  acknowledged: Acknowledged;
  /** The results file before and after the work; null where there is none. */
  results: { before: string | null; after: string | null };
}

/** What is wrong in a folder that a power cut has left. */
export interface Damage {
  /** What may never be there, whatever was synced. */
  corrupt: string[];
  /** What was acknowledged and is not there. */
  lost: string[];
}

/** Looks at a folder as the next process does: takes back the claims of the dead, then checks all there is. */
export async function inspectFolder(cwd: string, expected: Expected): Promise<Damage> {
  const damage: Damage = { corrupt: [], lost: [] };
  inspectResults(join(cwd, "results.jsonl"), expected, damage);
  try {
    const options = { clock: systemClock, random: systemRandom, durability: "normal" } as const;
    const store = await openStore({ path: join(cwd, expected.database), ...options });
    try {
      await inspectStore(store, expected, damage);
    } finally {
      await store.close();
    }
  } catch (error) {
    damage.corrupt.push(String(error));
  }
  return damage;
}

function inspectResults(path: string, { acknowledged, results }: Expected, damage: Damage): void {
  const found = existsSync(path) ? readFileSync(path, "utf8") : null;
  if (found === results.after) return;
  if (found !== results.before) damage.corrupt.push(`the results have ${found?.length ?? "no"} characters`);
  else if (acknowledged.exported) damage.lost.push("the results file");
}

async function inspectStore(store: Store, expected: Expected, damage: Damage): Promise<void> {
  await store.rescue();
  for (const { name, verdict, message } of await store.verify())
    if (verdict === "failed") damage.corrupt.push(`${name}: ${message}`);
  const runs = await store.listRuns();
  if (runs.length > 1) damage.corrupt.push(`${runs.length} runs instead of one`);
  if (runs[0] !== undefined) inspectRows(await allRows(store, runs[0].id), expected, damage);
  else if (expected.acknowledged.imported) damage.lost.push("the run");
}

function inspectRows(rows: readonly ResultRow[], expected: Expected, { corrupt, lost }: Damage): void {
  const { prompts, acknowledged } = expected;
  if (rows.length !== prompts.length) corrupt.push(`${rows.length} rows of ${prompts.length}`);
  for (const [index, row] of rows.entries()) {
    if (!isRight(row, index, prompts))
      corrupt.push(`row ${index + 1} is ${JSON.stringify(row).slice(0, 200)}`);
    const { key, state, attempts } = row;
    if (state !== "succeeded" && acknowledged.recorded.has(key)) lost.push(`the result of ${key}`);
    if (attempts === 0 && acknowledged.sent.has(key)) lost.push(`the claim of ${key}`);
  }
}

/** Whether it is the input's row at this place, with its own answer if it has one. */
function isRight(
  { key, row, state, output, raw }: ResultRow,
  index: number,
  prompts: readonly string[],
): boolean {
  const prompt = prompts[index];
  if (key !== `q-${index + 1}` || JSON.parse(row).prompt !== prompt) return false;
  const answer = JSON.stringify(prompt);
  return state === "succeeded" ? output === answer && raw !== null && raw.includes(answer) : output === null;
}
