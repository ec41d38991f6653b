import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { tempFolder } from "../../../helpers/cli.ts";
import { PostgresRig } from "../../../helpers/postgres-rig.ts";
import { startPostgres } from "../../../helpers/postgres-server.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";

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

describe.skipIf(server === null)("a server that is there and doesn't answer", () => {
  test("is waited for some seconds by who must end: the answer in hand is spooled", async () => {
    const way = await frozenLater(server!.url);
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
