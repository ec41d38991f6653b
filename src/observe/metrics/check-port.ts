import { createServer } from "node:http";
import { listen } from "../../system/listen.ts";

/**
 * Looks whether metrics can be served on the port.
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  await listen(server, { what: "metrics", port });
  await new Promise((resolve) => server.close(resolve));
}
