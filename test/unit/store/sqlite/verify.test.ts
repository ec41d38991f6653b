import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Check } from "../../../../src/domain/check.ts";
import type { Store } from "../../../../src/ports/store.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { openStoreReader } from "../../../../src/store/sqlite/open.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { endingOf, importRow, importRows, newRun, queueOf, storeRun } from "../../../helpers/stored-run.ts";

/** A job in every state, a late result, two ended runs and one that is being imported. */
async function workedOn(rig: SqliteRig): Promise<{ store: Store; id: string }> {
  const store = await rig.open();
  const rows = [
    ...importRows(8),
    importRow(9, { model: "other" }),
    importRow(10, { key: "mine", error: { code: "NOT_JSON", message: "bad" } }),
  ];
  const { id } = await storeRun(store, rows);
  await store.attach(id, 2);
  const jobs = await store.claim(id, queueOf(), 6);
  const [done, refused, throttled, late, doubtful] = jobs;
  await store.record(endingOf(done!, "succeeded"));
  await store.record(endingOf(refused!, "rejected"));
  await store.record(endingOf(throttled!, "throttled"));
  await store.record(endingOf(late!, "transient"));
  await store.record(endingOf(late!, "succeeded"));
  await store.record(endingOf(doubtful!, "malformed", { decision: { state: "failed" } }));
  const cancelled = await storeRun(store, 2);
  await store.cancel(cancelled.id);
  const finished = await storeRun(store, 1);
  const [only] = await store.claim(finished.id, queueOf(), 1);
  await store.record(endingOf(only!, "succeeded"));
  await store.finishRun(finished.id);
  await (await store.beginImport(newRun({ fingerprint: "g" }))).append(0, importRows(3));
  return { store, id };
}

async function verify({ path, clock, random }: SqliteRig): Promise<Check[]> {
  const reader = await openStoreReader({ path, clock, random });
  try {
    return [...(await reader.verify())];
  } finally {
    await reader.close();
  }
}

function wrong(checks: readonly Check[]): Check[] {
  return checks.filter(({ verdict }) => verdict !== "ok");
}

/** Changes a database behind its users' backs, without the guards of the schema. */
function tamper(path: string, sql: string): void {
  const db = new (loadDriver())(path);
  db.unsafeMode(true);
  db.pragma("foreign_keys = OFF");
  db.exec(sql);
  db.close();
}

const JOB_1 = 2 ** 32 + 1;

describe("a sound database passes every check", () => {
  test("while processes work on it", async () => {
    const rig = new SqliteRig();
    await workedOn(rig);
    const checks = await verify(rig);
    expect(wrong(checks)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      "schema",
      "integrity",
      "foreign keys",
      "tallies",
      "orphans",
      "states",
      "owners",
      "runs",
      "ids",
      "clock",
      "spool",
    ]);
  });

  test("after retrying, forgiving, releasing and removing", async () => {
    const rig = new SqliteRig();
    const { store, id } = await workedOn(rig);
    const jobs = await store.claim(id, queueOf(), 2);
    await store.record(endingOf(jobs[0]!, "transient", { decision: { state: "failed" } }));
    await store.forgive([{ job: jobs[0]!.id, attempt: jobs[0]!.attempt }]);
    await store.release([jobs[1]!]);
    await store.retry(id, {});
    const gone = await storeRun(store, 3);
    await store.removeRun(gone.id);
    expect(wrong(await verify(rig))).toEqual([]);
  });

  test("after a rescue of more claims than their process had slots", async () => {
    const rig = new SqliteRig();
    const { store, id } = await workedOn(rig);
    await store.claim(id, queueOf(), 5);
    tamper(rig.path, "UPDATE owners SET slot = NULL");
    const rescuer = await rig.open();
    expect((await rescuer.rescue()).inDoubtAtMost).toBe(2);
    expect(wrong(await verify(rig))).toEqual([]);
  });

  test("when it has no run yet", async () => {
    const rig = new SqliteRig();
    await rig.open();
    expect(wrong(await verify(rig))).toEqual([]);
  });

  test("and is left as it was", async () => {
    const rig = new SqliteRig();
    await (await workedOn(rig)).store.close();
    const before = readFileSync(rig.path);
    await verify(rig);
    expect(readFileSync(rig.path).equals(before)).toBe(true);
  });
});

describe("what must never be is found", () => {
  test.each([
    [
      "a tally that is wrong",
      "UPDATE tallies SET value = value + 1 WHERE name = 'jobs.pending'",
      "tallies",
      "jobs.pending",
    ],
    [
      "a tally of attempts that is wrong",
      "UPDATE tallies SET value = 0 WHERE name = 'attempts.total'",
      "tallies",
      "attempts.total",
    ],
    [
      "a tally of refused calls that is wrong",
      "UPDATE tallies SET value = 9 WHERE name = 'attempts.throttled'",
      "tallies",
      "attempts.throttled is 9, and the tables have 1",
    ],
    [
      "a tally of failures that is gone",
      "DELETE FROM tallies WHERE name = 'failure.NOT_JSON'",
      "tallies",
      "failure.NOT_JSON is 0, and the tables have 1",
    ],
    [
      "a tally of failures that never were",
      "UPDATE tallies SET name = 'failure.x' WHERE name = 'failure.NOT_JSON'",
      "tallies",
      "failure.x is 1, and the tables have 0",
    ],
    [
      "calls in doubt that are not logged",
      `INSERT INTO tallies VALUES (1, 'attempts.in_doubt', 5)`,
      "tallies",
      "attempts.in_doubt is 5, and the tables have 0",
    ],
    ["spend that is wrong", "UPDATE spend SET tokens = 1", "tallies", "and the tables have 1"],
    [
      "spend that was never counted",
      "INSERT INTO spend VALUES (1, 'x', 5, 0, 77)",
      "tallies",
      "nano_usd is 0, and the tables have 77",
    ],
    ["a job without its row", `DELETE FROM inputs WHERE id = ${JOB_1}`, "orphans", "1 jobs without a row"],
    [
      "a row without its job",
      `DELETE FROM jobs WHERE id = ${JOB_1 + 7}`,
      "orphans",
      `1 rows without a job for each sample, e.g. r_`,
    ],
    ["a row of no run", `UPDATE inputs SET run = 77 WHERE id = ${JOB_1}`, "orphans", "1 rows without a run"],
    [
      "a job of no model",
      "DELETE FROM lanes WHERE model = 'other'",
      "orphans",
      "1 jobs that can never be claimed",
    ],
    [
      "a result without its job",
      `DELETE FROM jobs WHERE id = ${JOB_1}`,
      "orphans",
      "1 results without a job",
    ],
    [
      "an attempt without its job",
      `DELETE FROM jobs WHERE id = ${JOB_1 + 1}`,
      "orphans",
      "1 attempts without a job",
    ],
    [
      "history of no run",
      "INSERT INTO history (run, length_ms, at, span) VALUES (99, 1000, 0, '{}')",
      "orphans",
      "1 spans of history without a run",
    ],
    [
      "history that is no JSON",
      "INSERT INTO history (run, length_ms, at, span) VALUES (1, 1000, 0, '{')",
      "orphans",
      "1 spans of history that can't be read",
    ],
    [
      "a reference to nothing",
      `UPDATE attempts SET job = 5 WHERE job = ${JOB_1 + 1}`,
      "foreign keys",
      "attempts 1",
    ],
    [
      "a state that is none",
      `UPDATE jobs SET state = 'lost' WHERE id = ${JOB_1}`,
      "states",
      "1 jobs in an unknown state",
    ],
    [
      "a succeeded job without its result",
      `DELETE FROM results WHERE job = ${JOB_1}`,
      "states",
      `1 succeeded jobs without a result, e.g. r_`,
    ],
    [
      "a pending job with a result",
      `UPDATE jobs SET state = 'pending' WHERE id = ${JOB_1}`,
      "states",
      "have a result and have not succeeded",
    ],
    [
      "a result of another attempt",
      `UPDATE results SET attempt = 2 WHERE job = ${JOB_1}`,
      "states",
      "1 results of another attempt",
    ],
    [
      "a failure without a reason",
      `UPDATE jobs SET error_code = NULL WHERE id = ${JOB_1 + 1}`,
      "states",
      "1 failed jobs without a reason",
    ],
    [
      "a running job that nobody has",
      "UPDATE jobs SET owner = NULL WHERE state = 'running'",
      "owners",
      "1 running jobs without an owner",
    ],
    [
      "a running job whose owner has gone",
      "UPDATE owners SET ended_at = 1",
      "owners",
      "1 running jobs without an owner",
    ],
    [
      "a pending job that somebody has",
      `UPDATE jobs SET owner = 1 WHERE id = ${JOB_1 + 7}`,
      "owners",
      "1 jobs that are not running",
    ],
    [
      "a finished run with jobs left",
      "UPDATE runs SET state = 'finished' WHERE number = 1",
      "runs",
      "6 unfinished jobs",
    ],
    [
      "an id that is also a row's without one",
      "UPDATE inputs SET key = 'row-3' WHERE key = 'mine'",
      "ids",
      "1 ids are used twice, e.g. r_",
    ],
    [
      "an id given twice",
      `DROP INDEX inputs_by_key; UPDATE inputs SET key = 'mine' WHERE id = ${JOB_1}`,
      "ids",
      "1 ids are used twice",
    ],
    ["an index that is gone", "DROP INDEX jobs_fresh", "schema", "jobs_fresh"],
    ["a table that has changed", "ALTER TABLE endpoints ADD COLUMN note TEXT", "schema", "endpoints"],
    [
      "an index of other rows",
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '> 0', '> 1') WHERE name = 'jobs_delayed'`,
      "schema",
      "jobs_delayed",
    ],
  ])("%s", async (_, sql, name, message) => {
    const rig = new SqliteRig();
    await workedOn(rig);
    tamper(rig.path, sql);
    const check = wrong(await verify(rig)).find((candidate) => candidate.name === name);
    expect(check).toMatchObject({ verdict: "failed", message: expect.stringContaining(message) });
    expect(check!.hint).toBeTruthy();
  });

  test("a damaged page", async () => {
    const rig = new SqliteRig();
    const { store, id } = await workedOn(rig);
    for (let n = 0; n < 5; n++) await storeRun(store, 2_000);
    await store.figures(id);
    await store.close();
    const bytes = readFileSync(rig.path);
    bytes.fill(0xaa, 4096 * 40, 4096 * 42);
    writeFileSync(rig.path, bytes);
    const checks = await verify(rig);
    expect(checks.find(({ name }) => name === "integrity")).toMatchObject({
      verdict: "failed",
      hint: expect.stringContaining(".recover"),
    });
  });

  test("what a dead process left is no fault, but is told", async () => {
    const rig = new SqliteRig();
    await workedOn(rig);
    tamper(rig.path, "UPDATE owners SET slot = NULL");
    expect(wrong(await verify(rig))).toMatchObject([
      { name: "owners", verdict: "warning", message: expect.stringMatching(/^1 running jobs were left/) },
    ]);
  });

  test("a clock that was set back is told", async () => {
    const rig = new SqliteRig();
    await workedOn(rig);
    tamper(rig.path, "UPDATE owners SET started_at = started_at + 7200000");
    expect(wrong(await verify(rig))).toMatchObject([
      { name: "clock", verdict: "warning", message: expect.stringContaining("2h behind") },
    ]);
  });
});
