import { spawn } from "node:child_process";
import { join } from "node:path";

/** Serves the bench's provider for as long as `work` takes. */
export async function withProvider(latencyMs, work) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "provider.mjs"), String(latencyMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const port = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    child.stdin.end();
  }
}

/**
 * Requests per second while every slot was in use: the time from one request to that of so many whole rounds of the
 * slots later, so that neither the start nor the last answers count. Leaves out the first `skip` rounds.
 */
export async function takeRate(url, slots, skip = 0) {
  const arrivals = (await (await fetch(`${url}/stats`)).json()).slice(skip * slots);
  const span = (Math.floor(arrivals.length / slots) - 1) * slots;
  let sum = 0;
  const pairs = arrivals.length - span;
  for (let first = 0; first < pairs; first++) sum += arrivals[first + span] - arrivals[first];
  return (span * 1_000 * pairs) / sum;
}
