import { createRequire } from "node:module";
import type { EnvHttpProxyAgent, Pool } from "undici";

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
