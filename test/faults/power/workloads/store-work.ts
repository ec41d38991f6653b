// Works on a job table as a run does, and says each thing once it is promised: `store-work.ts <database> <rows> <durability>`.
import { writeSync } from "node:fs";
import type { ClaimedJob } from "../../../../src/domain/job.ts";
import type { Durability, Store } from "../../../../src/ports/store.ts";
import { openStore } from "../../../../src/store/sqlite/open.ts";
import { systemClock } from "../../../../src/system/clock.ts";
import { systemRandom } from "../../../../src/system/random.ts";
import { outcomeOf } from "../../../helpers/outcome.ts";
import { endingOf, importRow, newRun, queueOf, SOURCE } from "../../../helpers/stored-run.ts";
import { promptsOfAllLengths } from "./prompts.ts";

const ROWS_AT_ONCE = 40;
const SLOTS = 4;

const [path, rows, durability] = process.argv.slice(2) as [string, string, Durability];
const prompts = promptsOfAllLengths(Number(rows));

let store = await open();
const run = await importRun(store);
say("imported");
await drain(prompts.length / 2);
// A database that is closed and opened again has its log deleted and made anew.
await store.close();
store = await open();
await drain(prompts.length);
await store.finishRun(run);
await store.close();

function open(): Promise<Store> {
  return openStore({ path, durability, clock: systemClock, random: systemRandom });
}

async function importRun(store: Store): Promise<string> {
  const target = await store.beginImport(newRun());
  for (let first = 0; first < prompts.length; first += ROWS_AT_ONCE) {
    const part = prompts.slice(first, first + ROWS_AT_ONCE);
    await target.append(
      0,
      part.map((prompt, at) =>
        importRow(first + at + 1, { key: `q-${first + at + 1}`, row: JSON.stringify({ prompt }) }),
      ),
    );
  }
  return (await target.finish([SOURCE])).id;
}

/** Records results until no job before the `end`th is left, several in a moment. */
async function drain(end: number): Promise<void> {
  await store.attach(run, SLOTS);
  for (let claimed = 0; claimed < end; ) {
    const jobs = await store.claim(run, queueOf(), SLOTS);
    if (jobs.length === 0) return;
    claimed += jobs.length;
    for (const { key } of jobs) say(`sent ${key}`);
    await Promise.all(jobs.map(record));
  }
}

async function record(job: ClaimedJob): Promise<void> {
  const output = JSON.stringify(JSON.parse(job.row).prompt);
  const { answer } = outcomeOf("succeeded");
  const raw = `{"answer":${output}}`;
  await store.record(endingOf(job, "succeeded", { outcome: { answer: { ...answer!, output }, raw } }));
  say(`recorded ${job.key}`);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
