import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK, listen } from "../system/listen.ts";
import type { LiveRunParts } from "./live-run.ts";
import { LiveRuns } from "./live-runs.ts";
import { createRoutes } from "./routes.ts";
import { newToken } from "./token.ts";

export interface Ui {
  /** The address of the run's page, with its token. */
  readonly url: string;
  /** Stops serving and breaks off what is under way. */
  close(): Promise<void>;
}

/**
 * Serves a run's page, and those of the other runs, on loopback to all who have the address.
 * @param port 0 takes a free one
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function startUi(parts: LiveRunParts, port: number): Promise<Ui> {
  const token = newToken();
  const portOf = (): number => (server.address() as AddressInfo).port;
  const runs = new LiveRuns(parts);
  const routes = createRoutes({ runs, first: parts.run.id, clock: parts.clock, token, port: portOf });
  const server = createServer(routes.listener);
  await listen(server, { what: "the page", port });
  return {
    url: `http://${LOOPBACK}:${portOf()}/${token}/${parts.run.id}/`,
    async close() {
      routes.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
