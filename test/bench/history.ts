/**
 * `npm run bench -- history`: CPU that a run's history takes of each call, driven as a drain drives it, with its writes into a
 * real job table. Exits 1 when it is more than a hundredth of what a row of a drain takes, see docs/BENCHMARKS.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClaimedJob } from "../../src/domain/job.ts";
import { HistoryRecorder } from "../../src/observe/history/recorder.ts";
import type { Store } from "../../src/ports/store.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { ManualClock } from "../helpers/manual-clock.ts";
import { endingOf, queueOf, storeRun } from "../helpers/stored-run.ts";
import { median } from "./harness.mjs";

const ROUNDS = 5;
const CALLS = 200_000;
const CALLS_PER_SECOND = 4_000;
/** A write of the history is waited for as often as it is due. */
const CALLS_A_WRITE = CALLS_PER_SECOND * 3;
const MOST_US = 2;

const folder = mkdtempSync(join(tmpdir(), "llm-batch-history-"));
try {
  const path = join(folder, "jobs.db");
  const store = await openStore({ path, clock: systemClock, random: systemRandom, durability: "full" });
  const run = await storeRun(store, 1_000);
  const [job] = await store.claim(run.id, queueOf(), 1);
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) rounds.push(await cpuOfCall(store, run.id, job!));
  // The first round is compiled on the way.
  const us = median(rounds.slice(1)) as number;
  console.log(
    `CPU of the history per call: ${us.toFixed(2)} us, <= ${MOST_US} ${us > MOST_US ? "MISSED" : "held"}`,
  );
  process.exitCode = us > MOST_US ? 1 : 0;
  await store.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function cpuOfCall(store: Store, run: string, job: ClaimedJob): Promise<number> {
  const clock = new ManualClock(systemClock.wall());
  const endings = Array.from({ length: 1_000 }, (_, at) =>
    endingOf(job, "succeeded", { timing: { latencyMs: 100 + at, waitMs: at % 50 } }),
  );
  const history = new HistoryRecorder({ store, run, clock });
  const before = process.cpuUsage();
  for (let call = 1; call <= CALLS; call++) {
    history.see({ type: "recorded", ending: endings[call % 1_000]!, endpoint: "e" });
    clock.advance(1_000 / CALLS_PER_SECOND);
    if (call % CALLS_A_WRITE === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await history.close();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
