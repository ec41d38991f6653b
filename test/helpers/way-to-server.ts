import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterTest } from "./after-test.ts";

/** A way to a server that goes bad at the moment that a test wants. */
export interface WayToServer {
  url: string;
  /** Of the first connection on which `sent` is sent from now: the server gets it, or not, and its answer is lost with the connection. */
  loseAt(sent: string, how: { arrives: boolean }): void;
  /** From now what is sent goes nowhere, and nothing is closed. */
  freeze(): void;
}

/** The server isn't told of the loss, as where a network in between goes away. */
export async function wayTo(url: string): Promise<WayToServer> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  let loss: { sent: string; arrives: boolean } | null = null;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    sockets.push(client, server);
    for (const socket of [client, server]) socket.on("error", () => {});
    server.pipe(client);
    client.on("end", () => server.end());
    client.on("data", (chunk) => {
      const isLost = loss !== null && chunk.includes(loss.sent);
      if (!isLost || loss!.arrives) server.write(chunk);
      if (!isLost) return;
      loss = null;
      server.unpipe(client).resume();
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  return {
    url: through.href,
    loseAt: (sent, { arrives }) => {
      loss = { sent, arrives };
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause();
      proxy.removeAllListeners("connection").on("connection", (socket) => sockets.push(socket));
    },
  };
}
