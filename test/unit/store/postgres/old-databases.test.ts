import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { stopReason } from "../../../../src/domain/stop-reason.ts";
import { type Address, parseAddress } from "../../../../src/store/postgres/address.ts";
import { loadDriver } from "../../../../src/store/postgres/driver.ts";
import { Link } from "../../../../src/store/postgres/link.ts";
import { migrate } from "../../../../src/store/postgres/migrate.ts";
import { openStoreReader } from "../../../../src/store/postgres/open.ts";
import { MIGRATIONS } from "../../../../src/store/postgres/schema.ts";
import { afterTest } from "../../../helpers/after-test.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";

const server = await startPostgres();
afterAll(() => server?.close());

const RUN = {
  id: "r_oldoldol",
  state: "open",
  fingerprint: "f",
  request: JSON.stringify({ targets: [] }),
  options: "{}",
  sources: "[]",
  samples: 1,
  created_at: 1_735_693_132_442,
};

/** A job table as version 1 makes it, with a run that one process left and another died at. */
async function oldTable(rig: PostgresRig): Promise<Address> {
  const address = parseAddress(rig.address);
  const link = new Link({
    address,
    driver: loadDriver(),
    clock: rig.clock,
    name: "writer",
    prepare: async () => {},
  });
  const opening = { address, mode: "create", migrations: MIGRATIONS.slice(0, 1), wallMs: 1 } as const;
  await link.use((session) => migrate(session, opening));
  await link.close();
  const sql = new pg.Client(address.connection);
  await sql.connect();
  afterTest(() => sql.end());
  const { schema } = address;
  const names = Object.keys(RUN);
  await sql.query(
    `INSERT INTO ${schema}.runs (${names.join(", ")}) VALUES (${names.map((_, at) => `$${at + 1}`).join(", ")})`,
    Object.values(RUN),
  );
  await sql.query(`INSERT INTO ${schema}.owners (process, run, concurrency, started_at, ended_at)
    VALUES (1, 1, 4, 1000, 2000), (2, 1, 4, 1000, NULL)`);
  return address;
}

async function ask(connection: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

describe.skipIf(server === null)("a job table of schema 1", () => {
  test("is brought up to date, and tells of the process that died but knows no other reason", async () => {
    const rig = new PostgresRig(server!.url);
    const address = await oldTable(rig);
    const { clock, random } = rig;
    await expect(openStoreReader({ address, clock, random })).rejects.toMatchObject({
      code: "SCHEMA_TOO_OLD",
    });
    const store = await rig.open();
    const died = { ...stopReason.died(), host: null, pid: null, at: 5_000 };
    expect(await store.stops(RUN.id)).toEqual([died]);
    await store.rescue();
    expect(await store.stops(RUN.id)).toEqual([died]);
    await store.noteStop(RUN.id, stopReason.signal("SIGINT"));
    expect((await store.stops(RUN.id)).map(({ code }) => code)).toEqual(["DIED", "SIGINT"]);
    const reader = await openStoreReader({ address, clock, random });
    afterTest(() => reader.close());
    expect(await reader.findRun({ id: RUN.id })).toMatchObject({ state: "open" });
  });

  test("is brought up to date once by however many processes open it together", async () => {
    const rig = new PostgresRig(server!.url);
    const { connection, schema } = await oldTable(rig);
    const stores = await Promise.all([rig.open(), rig.open(), rig.open()]);
    for (const store of stores) expect(await store.stops(RUN.id)).toMatchObject([{ code: "DIED" }]);
    const versions = await ask(connection, `SELECT version FROM ${schema}.meta ORDER BY version`);
    expect(versions).toEqual([{ version: 1 }, { version: MIGRATIONS.length }]);
  });

  test("is refused, and left as it is, while a process of that version is at work on it", async () => {
    const rig = new PostgresRig(server!.url);
    const { connection, schema } = await oldTable(rig);
    await ask(
      connection,
      `INSERT INTO ${schema}.processes (host, pid, has_lock, beat_at, lease_until)
       VALUES ('example', 1, false, 0, extract(epoch FROM clock_timestamp()) * 1000 + 600000)`,
    );
    await expect(rig.open()).rejects.toMatchObject({ code: "DB_IN_USE", exitCode: 2 });
    expect(await ask(connection, `SELECT max(version) AS version FROM ${schema}.meta`)).toEqual([
      { version: 1 },
    ]);
    await ask(connection, `UPDATE ${schema}.processes SET left_at = 1`);
    expect(await (await rig.open()).listRuns()).toMatchObject([{ id: RUN.id }]);
  });
});
