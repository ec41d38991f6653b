import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { stopReason } from "../../../../src/domain/stop-reason.ts";
import type { Store } from "../../../../src/ports/store.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { MIGRATIONS } from "../../../../src/store/sqlite/schema.ts";
import { Slots } from "../../../../src/store/sqlite/slots.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { allRows } from "../../../helpers/stored-run.ts";

const FIXTURES = join(import.meta.dirname, "../../../../fixtures/databases");
const fixture = (version: number): string => join(FIXTURES, `v${version}.db`);
const OLD_VERSIONS = MIGRATIONS.slice(1).map((_, at) => at + 1);

/** Columns that every version has, read without the store. */
const JOBS = `
  SELECT jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key, inputs.row, jobs.state,
    jobs.attempt AS attempts, jobs.error_code AS errorCode, jobs.error_message AS errorMessage, results.output,
    results.model, results.input_tokens AS inputTokens, results.output_tokens AS outputTokens
  FROM jobs JOIN inputs ON inputs.id = jobs.input LEFT JOIN results ON results.job = jobs.id ORDER BY jobs.id`;
const REPLIES = "SELECT job, response FROM results ORDER BY job";
const ATTEMPTS = "SELECT job, attempt, kind, code, message, response FROM attempts ORDER BY id";

/** A copy to work on: even reading a fixture would leave files beside it. */
function copied(version: number): SqliteRig {
  const rig = new SqliteRig();
  copyFileSync(fixture(version), rig.path);
  return rig;
}

function read(path: string, ...queries: readonly string[]): unknown[] {
  const db = new (loadDriver())(path, { readonly: true, fileMustExist: true });
  const rows = queries.map((sql) => db.prepare(sql).all());
  db.close();
  return rows;
}

function versionOf(path: string): number {
  const [found] = read(path, "SELECT user_version AS version FROM pragma_user_version") as [
    [{ version: number }],
  ];
  return found[0].version;
}

async function rowsOfAllRuns(store: Store) {
  const runs = [...(await store.listRuns())].reverse();
  return (await Promise.all(runs.map(({ id }) => allRows(store, id)))).flat();
}

test("every schema that was released has a database that it wrote", () => {
  for (const version of OLD_VERSIONS) {
    expect(existsSync(fixture(version)), `fixtures/databases/v${version}.db`).toBe(true);
    expect(versionOf(copied(version).path)).toBe(version);
  }
});

test("what a database of schema 1 has used counts, and nobody knows what it cost", async () => {
  const store = await copied(1).open();
  const runs = await store.listRuns();
  expect(runs).toHaveLength(3);
  for (const { id } of runs) {
    const { attempts, tokens, cost } = await store.figures(id);
    expect(cost).toEqual({ nano_usd: 0, unknown: attempts.succeeded });
    const { run, day } = await store.spend(id);
    expect(run.used).toEqual([{ group: null, tokens: tokens.input + tokens.output, nanoUsd: 0 }]);
    expect(day.used).toEqual([]);
  }
});

test("what the dead process of schema 1 had in hand counts as nothing, for it was not estimated", async () => {
  const { inDoubt } = await (await copied(1).open()).rescue();
  expect(inDoubt.length).toBeGreaterThan(0);
  for (const { inputTokens, outputTokens } of inDoubt) expect(inputTokens + outputTokens).toBe(0);
});

describe.each(OLD_VERSIONS)("a database of schema %i", (version) => {
  test("is brought up to date with every row, result, reply and attempt as it was", async () => {
    const rig = copied(version);
    const [jobs, ...kept] = read(rig.path, JOBS, REPLIES, ATTEMPTS);
    const store = await rig.open();
    expect(versionOf(rig.path)).toBe(MIGRATIONS.length);
    expect(read(rig.path, REPLIES, ATTEMPTS)).toEqual(kept);
    const plain = { sample: 1, answeredBy: null };
    expect(await rowsOfAllRuns(store)).toMatchObject((jobs as object[]).map((job) => ({ ...job, ...plain })));
  });

  test("tells of the process that died, and nothing of those of which it has no reason", async () => {
    const store = await copied(version).open();
    const [killed, cancelled, finished] = await store.listRuns();
    expect(await store.stops(killed!.id)).toMatchObject([{ code: "DIED", host: "example" }]);
    for (const run of [cancelled, finished]) expect(await store.stops(run!.id)).toEqual([]);
    await store.rescue();
    await store.noteStop(killed!.id, stopReason.signal("SIGINT"));
    expect((await store.stops(killed!.id)).map(({ code }) => code)).toEqual(["DIED", "SIGINT"]);
  });

  test("passes every check once the claims of its dead process are taken back", async () => {
    const rig = copied(version);
    const store = await rig.open();
    expect((await store.rescue()).jobs).toBeGreaterThan(0);
    expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  });

  test("is left beside itself as it was", async () => {
    const rig = copied(version);
    const before = read(rig.path, JOBS, REPLIES, ATTEMPTS);
    await rig.open();
    const copies = readdirSync(dirname(rig.path)).filter((name) => name.includes(".bak"));
    expect(copies).toEqual([expect.stringMatching(new RegExp(`^jobs\\.db\\.v${version}-\\d+\\.bak$`))]);
    const copy = join(dirname(rig.path), copies[0]!);
    expect(versionOf(copy)).toBe(version);
    expect(read(copy, JOBS, REPLIES, ATTEMPTS)).toEqual(before);
  });

  test("is refused, and left as it is, while a process of that version is at work on it", async () => {
    const rig = copied(version);
    const slots = new Slots(loadDriver(), rig.path);
    slots.take();
    await expect(rig.open()).rejects.toMatchObject({ code: "DB_IN_USE", exitCode: 2 });
    expect(versionOf(rig.path)).toBe(version);
    slots.release();
    await rig.open();
    expect(versionOf(rig.path)).toBe(MIGRATIONS.length);
  });
});
