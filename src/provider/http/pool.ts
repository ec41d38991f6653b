import { createRequire } from "node:module";
import type { Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { transportMessage } from "./transport-codes.ts";

const require = createRequire(import.meta.url);

type Undici = typeof import("undici");

/**
 * undici's pool without the rest of it: all of undici, with its fetch and its web sockets, takes 100 ms of CPU at each start,
 * the pool 30.
 */
export function loadPool(): typeof Pool {
  try {
    return require("undici/lib/dispatcher/pool.js") as typeof Pool;
  } catch {
    // A later version may keep it elsewhere.
    return (require("undici") as Undici).Pool;
  }
}

/** As `loadPool`, for connections through a proxy. */
export function loadProxyAgent(): typeof EnvHttpProxyAgent {
  return (require("undici") as Undici).EnvHttpProxyAgent;
}

/**
 * A proxy agent's connections to the proxy. One that is lost while the way to a provider is being opened ends the calls that wait for it:
 * by its own code undici takes it for a connection to be made again, at once and for good.
 */
export function proxyConnections(proxy: URL, settings: object): Dispatcher {
  const pool = new (loadPool())(proxy, settings);
  const connect = pool.connect.bind(pool) as (
    to: Dispatcher.ConnectOptions,
  ) => Promise<Dispatcher.ConnectData>;
  return Object.assign(pool, {
    connect: (to: Dispatcher.ConnectOptions) => connect(to).then(opened, notOpened),
  });
}

function opened(way: Dispatcher.ConnectData): Dispatcher.ConnectData {
  const { statusCode: status, socket } = way;
  if (status === 200) return way;
  socket.on("error", () => {}).destroy();
  const advice = status === 407 ? "it wants http://USER:PASSWORD@HOST:PORT" : "see NO_PROXY";
  throw new Error(`the proxy refuses to open the way there: HTTP ${status} (${advice})`);
}

function notOpened(error: Error & { code?: string }): never {
  if (error.code === "ECONNREFUSED")
    throw new Error(`the proxy: ${transportMessage(error)}`, { cause: error });
  if (error.code !== "UND_ERR_SOCKET") throw error;
  throw new Error(`the proxy closed the connection: ${error.message}`, { cause: error });
}
