import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { ClaimedJob } from "../../../../src/domain/job.ts";
import type { Store } from "../../../../src/ports/store.ts";
import { parseAddress } from "../../../../src/store/postgres/address.ts";
import { Spool, type Unwritten } from "../../../../src/store/spool.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const SLOTS = 4;
const server = await startPostgres();
afterAll(() => server?.close());

/** A way to the server that can be frozen: what is sent goes nowhere, and nothing is closed. */
async function frozenLater(url: string): Promise<{ url: string; freeze(): void }> {
  const sockets: Socket[] = [];
  const { hostname, port } = new URL(url);
  const proxy = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  const freeze = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
    proxy.removeAllListeners("connection").on("connection", (socket) => sockets.push(socket));
  };
  return { url: through.href, freeze };
}

/** A process that has claimed every row of a run and ended without a word, and what it leaves in its spool. */
async function deadProcess(rows = 4) {
  const rig = new PostgresRig(server!.url);
  const folder = tempFolder();
  const address = parseAddress(rig.address);
  const spool = new Spool({ folders: [folder], database: address.identity, clock: rig.clock });
  const gone = await rig.open();
  const run = await storeRun(
    gone,
    Array.from({ length: rows }, (_, at) => importRow(at + 1, { group: "g" })),
  );
  await gone.attach(run.id, SLOTS);
  const jobs = await gone.claim(run.id, queueOf(), rows);
  const owner = await ownerOf(rig, jobs[0]!);
  await gone.close();
  const ended = (job: ClaimedJob): Unwritten => ({ run: run.id, owner, ending: endingOf(job, "succeeded") });
  const open = () => rig.open({ stateFolders: [folder] });
  return { rig, folder, spool, run: run.id, jobs, owner, ended, open };
}

async function ownerOf({ address }: PostgresRig, { id }: ClaimedJob): Promise<number> {
  const { connection, schema } = parseAddress(address);
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query(`SELECT owner FROM ${schema}.jobs WHERE id = $1`, [id]);
  await client.end();
  return Number(rows[0].owner);
}

async function expectSound(store: Store): Promise<void> {
  const checks = await store.verify();
  expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
}

describe.skipIf(server === null)("what a process had to spool", () => {
  test("counts as if it had been recorded in time, where nobody has missed the process yet", async () => {
    const { spool, jobs, run, owner, ended, open } = await deadProcess();
    spool.write([...jobs.slice(0, 3).map(ended), { run, owner, unsent: jobs[3]! }]);
    const store = await open();
    expect(await store.recover()).toEqual({ recorded: 3, late: 0 });
    expect(await store.rescue()).toMatchObject({ jobs: 0, inDoubtAtMost: 0 });
    const { jobs: states, attempts } = await store.figures(run);
    expect(states).toMatchObject({ succeeded: 3, pending: 1, running: 0 });
    expect(attempts).toMatchObject({ total: 3, in_doubt: 0 });
    expect(await store.claim(run, queueOf(), 9)).toMatchObject([{ id: jobs[3]!.id, attempt: 1 }]);
    expect(spool.files()).toEqual([]);
    await expectSound(store);
  });

  test("counts where its row was taken back and waits: its call is no longer in doubt, and not paid again", async () => {
    const { spool, jobs, run, ended, open } = await deadProcess();
    const store = await open();
    expect(await store.rescue()).toMatchObject({ jobs: 4, inDoubtAtMost: SLOTS });
    const inDoubt = async () => (await store.spend(run)).run.inDoubt;
    expect(await inDoubt()).toMatchObject([
      { calls: 4, inputTokens: 40 },
      { calls: 4, inputTokens: 40 },
    ]);
    spool.write(jobs.slice(0, 3).map(ended));
    expect(await store.recover()).toEqual({ recorded: 3, late: 0 });
    expect(await inDoubt()).toMatchObject([
      { calls: 1, inputTokens: 10 },
      { calls: 1, inputTokens: 10 },
    ]);
    const { jobs: states, attempts } = await store.figures(run);
    expect(states).toMatchObject({ succeeded: 3, pending: 1, running: 0 });
    expect(attempts).toMatchObject({ total: 4, succeeded: 3, in_doubt: 1 });
    await expectSound(store);
  });

  test("is kept with the attempts where another process has the row by now: that one's answer counts", async () => {
    const { spool, jobs, run, ended, open } = await deadProcess(1);
    const store = await open();
    await store.rescue();
    const [again] = await store.claim(run, queueOf(), 1);
    spool.write(jobs.map(ended));
    expect(await store.recover()).toEqual({ recorded: 0, late: 1 });
    expect(await store.record(endingOf(again!, "succeeded"))).toBe("recorded");
    const { jobs: states, attempts } = await store.figures(run);
    expect(states).toMatchObject({ succeeded: 1, running: 0 });
    expect(attempts).toMatchObject({ total: 2, succeeded: 2, in_doubt: 0 });
    expect((await store.job(run, "row-1"))?.history).toMatchObject([
      { attempt: 1, kind: "succeeded" },
      { attempt: 2, kind: "succeeded" },
    ]);
    await expectSound(store);
  });

  test("changes nothing when it is read again, after a death between commit and removal", async () => {
    const { spool, jobs, run, owner, ended, open } = await deadProcess();
    const all = [...jobs.slice(0, 3).map(ended), { run, owner, unsent: jobs[3]! }];
    all[1] = { run, owner, ending: endingOf(jobs[1]!, "transient") };
    all[2] = { run, owner, ending: endingOf(jobs[2]!, "rejected") };
    spool.write(all);
    const store = await open();
    const before = [await store.recover(), await store.figures(run)];
    spool.write(all);
    expect(await store.recover()).toEqual({ recorded: 0, late: 0 });
    expect(await store.figures(run)).toEqual(before[1]);
    expect(before[0]).toEqual({ recorded: 3, late: 0 });
    await expectSound(store);
  });

  test("is there in seconds where the server is there and doesn't answer", async () => {
    const way = await frozenLater(server!.url);
    const rig = new PostgresRig(way.url);
    const folder = tempFolder();
    const { identity } = parseAddress(rig.address);
    const store = await rig.open({ stateFolders: [folder] });
    const { id } = await storeRun(store, 1);
    await store.attach(id, 1);
    const [job] = await store.claim(id, queueOf(), 1);
    way.freeze();
    const timers = rig.clock.pending;
    const recorded = store.record(endingOf(job!, "succeeded", { timing: { latencyMs: 0 } }));
    store.hurry();
    await rig.clock.timersSet(timers + 1);
    rig.clock.advance(15_000);
    expect(await recorded).toBe("spooled");
    expect(new Spool({ folders: [folder], database: identity, clock: rig.clock }).files()).toHaveLength(1);
    let isClosed = false;
    store.close().then(() => {
      isClosed = true;
    });
    await vi.waitUntil(() => {
      rig.clock.advance(100);
      return isClosed;
    });
  });

  test("of a run that was deleted goes with it", async () => {
    const { spool, jobs, run, ended, open } = await deadProcess();
    const store = await open();
    await store.removeRun(run);
    spool.write(jobs.map(ended));
    expect(await store.recover()).toEqual({ recorded: 0, late: 0 });
    expect(spool.files()).toEqual([]);
  });

  test("is nobody else's to read or to write", async () => {
    const { folder, spool, jobs, ended } = await deadProcess(1);
    const file = spool.write(jobs.map(ended));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "spool"))).toHaveLength(1);
    const open = tempFolder();
    mkdirSync(join(open, "spool"));
    chmodSync(join(open, "spool"), 0o777);
    const elsewhere = new Spool({
      folders: [open],
      database: "d",
      clock: new PostgresRig(server!.url).clock,
    });
    writeFileSync(join(open, "spool", "d.1.1.1.jsonl"), "{}");
    expect(elsewhere.files()).toEqual([]);
  });

  test("is set aside and told where it is damaged, and no command fails by it", async () => {
    const { rig, folder, spool, jobs, ended } = await deadProcess(1);
    const file = spool.write(jobs.map(ended));
    writeFileSync(file, "{");
    const told: string[] = [];
    await rig.open({ stateFolders: [folder], tell: (text) => told.push(text) });
    expect(told).toEqual([expect.stringContaining(`${file}.damaged`)]);
    expect(spool.files()).toEqual([]);
  });
});
