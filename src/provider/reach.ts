import type { Api } from "../domain/request.ts";
import type { Clock } from "../ports/clock.ts";
import type { Dialect } from "./dialects.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { HttpClient, headerList } from "./http/client.ts";
import { TransportError } from "./http/reply.ts";
import { WIRE_FORMS } from "./wire/wire-forms.ts";

/** The list of models is all we ask for: it costs nothing anywhere. */
const MODELS_PATH = "/v1/models";
const TIMEOUT_MS = 10_000;
/** Only the status counts. */
const MAX_BODY_BYTES = 64 * 1024;

interface ReachOptions {
  /** As the provider's official SDK takes it. */
  baseUrl: string;
  key: string | null;
  /** The API that will be called: it says how the key is shown. */
  api: Api;
  dialect: Dialect | null;
  clock: Clock;
}

/** What an endpoint answers to a request that costs nothing: its HTTP status, or why there was none. */
export async function reach({
  baseUrl,
  key,
  api,
  dialect,
  clock,
}: ReachOptions): Promise<number | TransportError> {
  const form = WIRE_FORMS[api];
  const url = endpointUrl(baseUrl, MODELS_PATH, form.baseUrl);
  const http = new HttpClient({
    url,
    concurrency: 1,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    clock,
  });
  try {
    const headers = headerList({ accept: "application/json", ...form.headers(key, dialect ?? "generic") });
    const end = await http.get(headers, new AbortController().signal);
    return end instanceof TransportError ? end : end.status;
  } finally {
    await http.close();
  }
}
