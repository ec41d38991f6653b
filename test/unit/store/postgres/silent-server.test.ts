import { afterAll, describe, expect, test } from "vitest";
import { tempFolder } from "../../../helpers/cli.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";
import { wayTo } from "../../../helpers/way-to-server.ts";

const server = await startPostgres();
afterAll(() => server?.close());

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
