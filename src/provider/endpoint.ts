import { createHash } from "node:crypto";
import type { ClaimedJob } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Charge } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { PreparedCall, Provider } from "../ports/provider.ts";
import { type ClassifyContext, classify } from "./classify.ts";
import type { Dialect } from "./dialects.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { HttpClient } from "./http.ts";
import { redact } from "./redact.ts";
import { TransportError } from "./reply.ts";
import type { WireForm } from "./wire-form.ts";

const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface ProviderOptions {
  /** As the provider's official SDK takes it. */
  baseUrl: string;
  /** What the endpoint is called in place of its base URL, where that is another each time. Default: `baseUrl`. */
  name?: string;
  key: string | null;
  model: string | null;
  /** The id of the run: with it, idempotency keys of two runs or databases never meet. */
  run: string;
  wire: WireForm;
  build(job: ClaimedJob): { body: string; charge: Charge };
  /** How quota headers are worded; null when the provider is none we know. */
  dialect: Dialect | null;
  /** For a whole call. */
  timeoutMs: number;
  /** Calls in flight at most. */
  concurrency: number;
  clock: Clock;
  /** Longer answers are not read. Default: 64 MiB. */
  maxBodyBytes?: number;
}

/** Makes an endpoint that speaks `wire` over HTTP. */
export function createProvider(options: ProviderOptions): Provider {
  return new Endpoint(options);
}

class Endpoint implements Provider {
  readonly endpoint: string;
  readonly #options: ProviderOptions;
  readonly #http: HttpClient;
  readonly #headers: Record<string, string>;
  readonly #context: Omit<ClassifyContext, "wallMs">;

  constructor(options: ProviderOptions) {
    const {
      baseUrl,
      key,
      wire,
      timeoutMs,
      concurrency,
      clock,
      maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
    } = options;
    const dialect = options.dialect ?? "generic";
    this.endpoint = endpointName(options);
    this.#options = options;
    this.#http = new HttpClient({
      url: endpointUrl(baseUrl, wire.path),
      concurrency,
      timeoutMs,
      maxBodyBytes,
      clock,
    });
    this.#headers = {
      "content-type": "application/json",
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "llm-batch",
      ...wire.headers(key, dialect),
    };
    this.#context = { wire, dialect, redact: redact(key) };
  }

  prepare(job: ClaimedJob): PreparedCall {
    const { body, charge } = this.#options.build(job);
    return { charge, send: (signal) => this.#send(job, body, signal) };
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #send(job: ClaimedJob, body: string, signal: AbortSignal): Promise<Outcome> {
    const headers = { ...this.#headers, "idempotency-key": this.#idempotencyKey(job) };
    const end = await this.#http.post(headers, body, signal).catch(transportError);
    return classify(end, { ...this.#context, wallMs: this.#options.clock.wall() });
  }

  /** The same for every attempt of a job: a provider that honours it answers a call in doubt once, and bills it once. */
  #idempotencyKey(job: ClaimedJob): string {
    return `llm-batch-${this.#options.run}-${job.id}`;
  }
}

function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  throw error;
}

/** What has a quota and a breaker of its own. Of the key only a fingerprint is in it, of the URL no query or password. */
function endpointName({ baseUrl, name, key, model }: ProviderOptions): string {
  const url = new URL(name ?? baseUrl);
  const place = `${url.protocol}${url.host && `//${url.host}`}${url.pathname.replace(/\/+$/, "")}`;
  const fingerprint = key === null ? "none" : createHash("sha256").update(key).digest("hex").slice(0, 8);
  return [place, model, `key:${fingerprint}`].filter((part) => part !== null).join(" ");
}
