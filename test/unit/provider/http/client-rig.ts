import { BodyMemory } from "../../../../src/provider/http/body-memory.ts";
import { HttpClient, type HttpOptions } from "../../../../src/provider/http/client.ts";
import type { Reply, TransportError } from "../../../../src/provider/http/reply.ts";
import { afterTest } from "../../../helpers/after-test.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { replyOf } from "../../../helpers/reply-of.ts";

export const TIMEOUT_MS = 600_000;

/** A client on a clock that stands still, closed after the test. */
export function clientOf(
  url: string,
  options: Partial<HttpOptions> = {},
): { client: HttpClient; clock: ManualClock } {
  const clock = new ManualClock();
  const client = new HttpClient({
    url: new URL(url),
    concurrency: 4,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: 1024 * 1024,
    clock,
    ...options,
  });
  afterTest(() => client.close());
  return { client, clock };
}

export function post(client: HttpClient, signal = new AbortController().signal): Promise<Reply> {
  const hold = new BodyMemory().hold();
  return replyOf(client.post(["content-type", "application/json"], '{"a":1}', { signal, hold }));
}

export function errorOf(call: Promise<Reply>): Promise<TransportError> {
  return call.then(
    () => {
      throw new Error("the call should have failed");
    },
    (error) => error as TransportError,
  );
}
