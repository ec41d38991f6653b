import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../../../src/domain/job.ts";
import type { Recorded, Store } from "../../../../src/ports/store.ts";
import { parseAddress } from "../../../../src/store/postgres/address.ts";
import { afterTest } from "../../../helpers/after-test.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";
import { type WayToServer, wayTo } from "../../../helpers/way-to-server.ts";

const server = await startPostgres();
afterAll(() => server?.close());

/** As it goes over the wire: a statement that is not part of another's text. */
const COMMIT = "COMMIT\0";

interface Rig {
  way: WayToServer;
  store: Store;
  run: string;
  job: ClaimedJob;
  /** A connection of the test's own, and the schema. */
  sql: pg.Client;
  schema: string;
  record(): Promise<Recorded>;
}

/** A store with a claim, on a way that can be lost. */
async function rigOn(pooler: string): Promise<Rig> {
  const way = await wayTo(server!.url);
  const rig = new PostgresRig(way.url, { pooler });
  const store = await rig.open();
  const { id: run } = await storeRun(store, 2);
  await store.attach(run, 1);
  const [job] = await store.claim(run, queueOf(), 1);
  const { schema } = parseAddress(rig.address);
  const sql = new pg.Client(server!.url);
  await sql.connect();
  afterTest(() => sql.end());
  const record = async (): Promise<Recorded> => {
    let recorded: Recorded | null = null;
    store.record(endingOf(job!, "succeeded", { timing: { latencyMs: 0 } })).then((is) => {
      recorded = is;
    });
    // Lost connections are tried again by the clock.
    await expect.poll(() => rig.clock.advance(100) ?? recorded).not.toBeNull();
    return recorded!;
  };
  return { way, store, run, job: job!, sql, schema, record };
}

/** Commits that record a result wait until this is released. */
async function holdCommits({ sql, schema }: Rig): Promise<() => Promise<unknown>> {
  await sql.query("SELECT pg_advisory_lock(1)");
  await sql.query(`
    CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON ${schema}.results DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION ${schema}.wait()`);
  return () => sql.query("SELECT pg_advisory_unlock(1)");
}

async function waiting({ sql }: Rig): Promise<number> {
  const { rows } = await sql.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  return rows.length;
}

describe.skipIf(server === null)("a commit whose answer is lost", () => {
  test.each(["none", "transaction"])(
    "while the server is still at it is waited for, and not made again: pooler %s",
    async (pooler) => {
      const rig = await rigOn(pooler);
      const release = await holdCommits(rig);
      rig.way.loseAt(COMMIT, { arrives: true });
      const recorded = rig.record();
      // The commit, and who comes back to ask for it.
      await expect.poll(() => waiting(rig)).toBe(2);
      await release();
      expect(await recorded).toBe("recorded");
      expect((await rig.store.figures(rig.run)).attempts).toMatchObject({ total: 1, succeeded: 1 });
    },
  );

  test("before the server had it is undone in seconds, and made again", async () => {
    const rig = await rigOn("none");
    rig.way.loseAt(COMMIT, { arrives: false });
    expect(await rig.record()).toBe("recorded");
    expect((await rig.store.figures(rig.run)).attempts).toMatchObject({ total: 1, succeeded: 1 });
  });
});
