import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { stopReason } from "../../../src/domain/stop-reason.ts";
import type { EventBody } from "../../../src/observe/events/event.ts";
import { EventLog } from "../../../src/observe/events/event-log.ts";
import { LaneWatch } from "../../../src/observe/events/lane-news.ts";
import { LineWriter } from "../../../src/observe/events/line-writer.ts";
import { Pulse } from "../../../src/observe/events/pulse.ts";
import { runStatus } from "../../../src/observe/status.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { rigWith } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { endingOf } from "../../helpers/stored-run.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/EVENTS.md"), "utf8");
const TYPES: Record<EventBody["type"], true> = {
  run_started: true,
  row_done: true,
  attempt_failed: true,
  superseded: true,
  spooled: true,
  recovered: true,
  throttled: true,
  breaker: true,
  forgiven: true,
  rescued: true,
  waiting: true,
  quota: true,
  over_budget: true,
  group_failed: true,
  progress: true,
  stopping: true,
  run_stopped: true,
  run_finished: true,
  endpoint: true,
};
const SECRET = "the words of a prompt";
const REPORT = { dimension: "requests", limit: 60, remaining: 2, resetMs: 20_000, windowMs: 60_000 } as const;

/** How the provider behaves at a moment of the storm. */
function storm(job: { key: string }, sentAt: number) {
  const message = `refused: ${SECRET}`;
  if (job.key.endsWith("7")) return outcomeOf("rejected", { code: "content_filter", message });
  if (sentAt < 3_000) return outcomeOf("transient", { code: "http_503", message });
  if (sentAt < 9_000) return outcomeOf("throttled", { code: "rate_limit", message, retryAfterMs: 5_000 });
  return outcomeOf("succeeded", { quota: [REPORT] });
}

/** The lines of a run through a storm on a manual clock, of its leave-taking, and of what takes two processes. */
async function stormyLines(): Promise<Record<string, unknown>[]> {
  const { clock, store, run, drain } = await rigWith(40);
  let text = "";
  const stream = new Writable({
    write(block, _encoding, done) {
      text += block;
      done();
    },
  });
  const writer = new LineWriter({ stream, clock, onFailure: (error) => expect.unreachable(error.message) });
  const log = new EventLog({ run: run.id, clock, writers: [writer], detailed: writer });
  const watch = new LaneWatch(clock, (news) => log.see(news));
  const pulse = new Pulse({ log, store, run, clock });
  const before = await runStatus(store, run, true);
  log.write({ type: "run_started", input: before.input, jobs: before.jobs });
  const provider = new ScriptedProvider(clock, 100, storm);
  await drain(() => provider, {
    observe: (event) => log.see(event),
    onLanes: (lanes) => {
      watch.watch(lanes);
      pulse.watch(lanes);
    },
  });
  const { jobs } = await runStatus(store, run, true);
  log.write({ type: "run_finished", exit_code: 0, jobs });
  log.see({ type: "stopping", reason: stopReason.refused("e", SECRET), inFlight: 2 });
  log.write({ type: "run_stopped", code: "SIGINT", exit_code: 130, jobs });
  const inDoubt = [{ run: run.id, model: null, calls: 2, inputTokens: 10, outputTokens: 20 }];
  log.see({ type: "rescued", rescue: { jobs: 3, inDoubtAtMost: 2, inDoubt }, mostNanoUsd: 1 });
  const closure = {
    limit: "maxCost",
    used: 2,
    most: 1,
    until: null,
    isPassing: false,
    callsInFlight: 0,
  } as const;
  log.see({ type: "over_budget", group: "g", closure });
  log.see({ type: "group_failed", group: "g", code: "OVER_BUDGET", rows: 2 });
  log.see({ type: "spooled", ending: endingOf(claimedJob(2), "succeeded"), endpoint: "e" });
  log.see({ type: "recovered", recovered: { recorded: 3, late: 1 } });
  log.see({ type: "superseded", ending: endingOf(claimedJob(1), "succeeded"), endpoint: "e" });
  watch.close();
  await pulse.close();
  await log.close();
  await store.close();
  expect(text).not.toContain(SECRET);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The fields in the table under a heading. */
function fieldsUnder(heading: string): string[] {
  const section = PAGE.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field!);
}

describe("docs/EVENTS.md", async () => {
  const lines = await stormyLines();
  const head = fieldsUnder("Every event");

  test("has every type of event, and none that there isn't", () => {
    const documented = [...PAGE.matchAll(/^### `(\w+)`$/gm)].map(([, type]) => type!);
    expect(documented.sort()).toEqual(Object.keys(TYPES).sort());
  });

  test.each(Object.keys(TYPES))("has the fields that a %s event has, no more and no fewer", (type) => {
    const seen = lines.filter((line) => line.type === type);
    expect(seen.length).toBeGreaterThan(0);
    const documented = [...head, ...fieldsUnder(`\`${type}\``)].sort();
    for (const line of seen) expect(Object.keys(line).sort()).toEqual(documented);
  });

  test("is right that every line begins with its version, time, run and type", () => {
    for (const line of lines) expect(Object.keys(line).slice(0, 4)).toEqual(head);
    expect(new Set(lines.map(({ v }) => v))).toEqual(new Set([1]));
  });

  test("is right that every row is done once more than it was revived", () => {
    const count = (type: string): number => lines.filter((line) => line.type === type).length;
    const revived = lines.reduce(
      (sum, { type, revived }) => sum + (type === "forgiven" ? Number(revived) : 0),
      0,
    );
    expect(count("row_done")).toBe(40 + revived);
  });
});
