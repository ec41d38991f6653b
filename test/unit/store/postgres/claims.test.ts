import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { parseAddress } from "../../../../src/store/postgres/address.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const server = await startPostgres();
afterAll(() => server?.close());

/** Asks the server itself; `{s}` stands for the schema. */
async function ask<Row extends object>({ address }: PostgresRig, sql: string): Promise<Row[]> {
  const { connection, schema } = parseAddress(address);
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query<Row>(sql.replaceAll("{s}", schema))).rows;
  } finally {
    await client.end();
  }
}

/** Rows of jobs and inputs that were looked at; known once those who did it are gone. */
async function rowsLookedAt(rig: PostgresRig): Promise<number> {
  const others = "SELECT FROM pg_stat_activity WHERE application_name LIKE 'llm-batch%'";
  while ((await ask(rig, others)).length > 0);
  const [sum] = await ask<{ read: string }>(
    rig,
    `SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes
        WHERE schemaname = '{s}' AND relname IN ('jobs', 'inputs'))
      + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables
        WHERE schemaname = '{s}' AND relname IN ('jobs', 'inputs')) AS read`,
  );
  return Number(sum!.read);
}

describe.skipIf(server === null)("claims in PostgreSQL", () => {
  test("a row costs no more when the run is long, however many are done or in hand", async () => {
    const rig = new PostgresRig(server!.url);
    const [rows, inHand, together] = [2_000, 400, 40];
    const importer = await rig.open();
    const { id } = await storeRun(importer, rows);
    await importer.close();
    const before = await rowsLookedAt(rig);
    const store = await rig.open();
    await store.attach(id, together);
    const jobs = await store.claim(id, queueOf(), inHand);
    for (let done = 0; done < rows; done += together) {
      const ended = jobs.splice(0, together).map((job) => store.record(endingOf(job, "succeeded")));
      await Promise.all(ended);
      jobs.push(...(await store.claim(id, queueOf(), together)));
    }
    expect((await store.figures(id)).jobs).toMatchObject({ succeeded: rows });
    await store.close();
    expect(((await rowsLookedAt(rig)) - before) / rows).toBeLessThan(20);
  });

  test("a process that was never silent knows its claims without asking", async () => {
    const rig = new PostgresRig(server!.url);
    const store = await rig.open();
    const { id } = await storeRun(store, 2);
    const [job] = await store.claim(id, queueOf(), 1);
    await ask(rig, "UPDATE {s}.jobs SET owner = owner + 1");
    expect(await store.holds(job!)).toBe(true);
  });

  test("one that may have been taken for dead asks for each that it had", async () => {
    const rig = new PostgresRig(server!.url);
    const store = await rig.open();
    const { id } = await storeRun(store, 3);
    await store.attach(id, 3);
    const [lost, kept] = await store.claim(id, queueOf(), 2);
    await ask(rig, "DELETE FROM {s}.processes");
    await ask(rig, `UPDATE {s}.jobs SET owner = NULL, state = 'pending' WHERE id = ${lost!.id}`);
    await store.capWaits(id, 1);
    expect([await store.holds(lost!), await store.holds(kept!)]).toEqual([false, true]);
  });

  test("nor does one that can't tell how long it was silent go by what it knew", async () => {
    const rig = new PostgresRig(server!.url);
    const store = await rig.open();
    const { id } = await storeRun(store, 2);
    const [job] = await store.claim(id, queueOf(), 1);
    await ask(rig, "UPDATE {s}.jobs SET owner = owner + 1");
    rig.clock.advance(3_000);
    expect(await store.holds(job!)).toBe(false);
  });
});
