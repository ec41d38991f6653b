import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LlmBatchError } from "../domain/errors.ts";
import { LiveRun, type LiveRunParts } from "./live-run.ts";
import { createRoutes } from "./routes.ts";
import { newToken } from "./token.ts";

const HOST = "127.0.0.1";

export interface Ui {
  /** The address of the page, with its token. */
  readonly url: string;
  /** Stops serving and breaks off what is under way. */
  close(): Promise<void>;
}

/**
 * Serves a run's page on loopback, to whoever has its address.
 * @param port 0 takes a free one
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function startUi(parts: LiveRunParts, port: number): Promise<Ui> {
  const token = newToken();
  const portOf = (): number => (server.address() as AddressInfo).port;
  const routes = createRoutes({ live: new LiveRun(parts), clock: parts.clock, token, port: portOf });
  const server = createServer(routes.listener);
  await listen(server, port);
  return {
    url: `http://${HOST}:${portOf()}/${token}/`,
    async close() {
      routes.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(port, cause)));
    server.listen({ port, host: HOST }, resolve);
  });
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): LlmBatchError {
  return new LlmBatchError({
    code: "CANNOT_LISTEN",
    message: `the page can't be served on ${HOST}:${port}: ${cause.code ?? cause.message}`,
    hint: "choose another --port, or 0 for any free one",
    cause,
  });
}
