import { afterAll, describe, expect, test } from "vitest";
import { parseAddress } from "../../../../src/store/postgres/address.ts";
import { openStore, openStoreReader } from "../../../../src/store/postgres/open.ts";
import { afterTest } from "../../../helpers/after-test.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";
import { wayTo } from "../../../helpers/way-to-server.ts";

const server = await startPostgres();
afterAll(() => server?.close());

describe.skipIf(server === null)("a server that is away", () => {
  test.each([
    ["who writes", openStore, "what is done is kept, and written when it is back"],
    ["who only reads", openStoreReader, "it is waited for"],
  ] as const)("is told to %s with what becomes of that", async (_, openTo, meanwhile) => {
    const way = await wayTo(server!.url);
    const rig = new PostgresRig(way.url);
    await rig.open();
    const { clock, random } = rig;
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const address = parseAddress(rig.address);
    const store = await openTo({ address, clock, random, tell, mustExist: true });
    afterTest(() => store.close());
    way.loseAt("runs", { arrives: false });
    let isRead = false;
    store.listRuns().then(() => {
      isRead = true;
    });
    // Lost connections are tried again by the clock.
    await expect.poll(() => clock.advance(100) ?? isRead).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(new RegExp(`^the database is away \\(.+\\); ${meanwhile}$`)),
      expect.stringMatching(/^the database is back/),
    ]);
  });
});

describe.skipIf(server === null)("a server that is there and doesn't answer", () => {
  test("is waited for some seconds by who must end: the answer in hand is spooled", async () => {
    const way = await wayTo(server!.url);
    const rig = new PostgresRig(way.url);
    const folder = tempFolder();
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
    expect(rig.spool(folder).files()).toHaveLength(1);
    let isClosed = false;
    store.close().then(() => {
      isClosed = true;
    });
    const passTime = () => {
      rig.clock.advance(100);
      return isClosed;
    };
    await expect.poll(passTime).toBe(true);
  });
});
