import type { Ending } from "../../src/domain/ending.ts";
import type { ClaimedJob } from "../../src/domain/job.ts";
import type { Run } from "../../src/domain/run.ts";
import { HistoryRecorder } from "../../src/observe/history/recorder.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import type { Store } from "../../src/ports/store.ts";
import { answerOf, usageOf } from "../helpers/answer.ts";
import { ManualClock } from "../helpers/manual-clock.ts";
import { endingOf, importRow, newRun, queueOf, SOURCE } from "../helpers/stored-run.ts";

const IMPORT_ROWS = 5_000;
const CLAIM_ROWS = 200;
const CALLS_PER_SECOND = 100;
const QUESTION = "What would you tell a friend who has to decide this by tomorrow, and has slept badly?";
const ANSWER = "Sleep first; what looks urgent at night is often a letter that can wait until noon. ".repeat(
  3,
);

/** Fills a job table with a run as a drain of hours would leave it: answers, failures, second attempts, and its history. */
export async function fillRun(store: Store, rows: number): Promise<Run> {
  const importing = await store.beginImport(newRun());
  for (let from = 0; from < rows; from += IMPORT_ROWS)
    await importing.append(0, questions(from, Math.min(IMPORT_ROWS, rows - from)));
  const run = await importing.finish([SOURCE]);
  const clock = new ManualClock(Date.now() - (rows / CALLS_PER_SECOND) * 1_000);
  const history = new HistoryRecorder({ store, run: run.id, clock });
  for (;;) {
    const jobs = await store.claim(run.id, queueOf(), CLAIM_ROWS);
    if (jobs.length === 0) break;
    await Promise.all(jobs.map((job) => end(store, history, clock, job)));
  }
  await history.close();
  return run;
}

function end(store: Store, history: HistoryRecorder, clock: ManualClock, job: ClaimedJob): Promise<unknown> {
  const ending = endOf(job, clock.wall());
  history.see({ type: "recorded", ending, endpoint: "e" });
  clock.advance(1_000 / CALLS_PER_SECOND);
  return store.record(ending);
}

function questions(from: number, count: number): ImportRow[] {
  return Array.from({ length: count }, (_, at) => {
    const line = from + at + 1;
    return importRow(line, { key: `q-${line}`, row: JSON.stringify({ prompt: `${line}. ${QUESTION}` }) });
  });
}

/** Two of a hundred are sent twice, one fails for good, and every answer has a length and a latency of its own. */
function endOf(job: ClaimedJob, sentAt: number): Ending {
  const timing = { sentAt, latencyMs: 300 + ((job.id * 7_919) % 4_000), waitMs: job.id % 50 };
  if (job.id % 50 === 0 && job.attempt === 1) return endingOf(job, "overloaded", { timing });
  if (job.id % 100 === 1) return endingOf(job, "rejected", { timing });
  const answer = answerOf({
    output: JSON.stringify(`${job.id}. ${ANSWER}`),
    usage: usageOf({ inputTokens: 30, outputTokens: 40 + (job.id % 100) }),
  });
  const raw = JSON.stringify({ choices: [{ message: { content: ANSWER } }] });
  return endingOf(job, "succeeded", {
    timing,
    outcome: { answer, raw, costNanoUsd: 4_500 + (job.id % 1_000) },
  });
}
