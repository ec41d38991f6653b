import type { Clock } from "../ports/clock.ts";
import { chatForm } from "./chat.ts";
import type { Dialect } from "./dialects.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { HttpClient } from "./http.ts";
import { TransportError } from "./reply.ts";

/** The list of models is all we ask for: it costs nothing anywhere. */
const MODELS_PATH = "/v1/models";
const TIMEOUT_MS = 10_000;
/** Only the status counts. */
const MAX_BODY_BYTES = 64 * 1024;

interface ReachOptions {
  /** As the provider's official SDK takes it. */
  baseUrl: string;
  key: string | null;
  dialect: Dialect | null;
  clock: Clock;
}

/** What an endpoint answers to a request that costs nothing: its HTTP status, or why there was none. */
export async function reach({
  baseUrl,
  key,
  dialect,
  clock,
}: ReachOptions): Promise<number | TransportError> {
  const url = endpointUrl(baseUrl, MODELS_PATH);
  const http = new HttpClient({
    url,
    concurrency: 1,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    clock,
  });
  try {
    const headers = { accept: "application/json", ...chatForm.headers(key, dialect ?? "generic") };
    return (await http.get(headers, new AbortController().signal)).status;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  } finally {
    await http.close();
  }
}
