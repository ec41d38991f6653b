import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LlmBatchError } from "../domain/errors.ts";

/** What is served to this machine is served on this address alone. */
export const LOOPBACK = "127.0.0.1";

interface Place {
  /** What is served, for the error. */
  what: string;
  host?: string;
  /** 0 takes a free one. */
  port: number;
}

/**
 * Starts a server.
 * @returns the port
 * @throws LlmBatchError CANNOT_LISTEN where the port is taken or not allowed
 */
export function listen(server: Server, { what, host = LOOPBACK, port }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new LlmBatchError({
          code: "CANNOT_LISTEN",
          message: `${what} can't be served on ${host}:${port}: ${trouble(cause)}`,
          hint: "choose another port, or 0 for any free one",
          cause,
        }),
      );
    });
    server.listen({ port, host, backlog: 4_096 }, () => resolve((server.address() as AddressInfo).port));
  });
}

function trouble({ code, message }: NodeJS.ErrnoException): string {
  if (code === "EADDRINUSE") return "another program has the port";
  return code === "EACCES" ? "this user may not open the port" : message;
}
