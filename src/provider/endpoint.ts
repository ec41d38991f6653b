import { createHash } from "node:crypto";
import { endpointPrefix } from "../domain/endpoint-name.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { Answer, Outcome } from "../domain/outcome.ts";
import type { Api } from "../domain/request.ts";
import type { Charge } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { PreparedCall, Provider } from "../ports/provider.ts";
import { classify } from "./classify/classify.ts";
import type { Dialect } from "./dialects.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { BodyMemory } from "./http/body-memory.ts";
import type { CallContext } from "./http/call.ts";
import { type HeaderList, HttpClient, headerList } from "./http/client.ts";
import type { Reply, TransportError } from "./http/reply.ts";
import { oneLine } from "./one-line.ts";
import { type Redact, redact } from "./redact.ts";
import { unreadable } from "./unreadable.ts";
import type { WireForm } from "./wire/wire-form.ts";
import { WIRE_FORMS } from "./wire/wire-forms.ts";

const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface ProviderOptions {
  /** As the provider's official SDK takes it. */
  baseUrl: string;
  /** What the endpoint is called in place of its base URL, where that changes from start to start. Default: `baseUrl`. */
  name?: string;
  key: string | null;
  model: string | null;
  /** The provider's own name; null goes by the host. */
  provider: string | null;
  /** The id of the run: with it, idempotency keys of two runs or databases never meet. */
  run: string;
  /** The API that a job's request goes to, its body as JSON text, and what it is estimated to be charged. */
  build(job: ClaimedJob): { api: Api; body: string; charge: Charge };
  /** Checks the answer of a succeeded outcome, and gives the outcome as it is or another one. Default: every answer passes. */
  check?(outcome: Outcome): Outcome;
  /** What an answer cost, in whole nano-USD; null where its price is unknown. Default: unknown. */
  costOf?(answer: Answer): number | null;
  /** How quota headers are worded; null when the provider is none we know. */
  dialect: Dialect | null;
  /** For a whole call. */
  timeoutMs: number;
  /** Calls in flight at most. */
  concurrency: number;
  clock: Clock;
  /** Longer answers are not read. Default: 64 MiB. */
  maxBodyBytes?: number;
  /** The memory that this endpoint's answers share with those of others. Default: memory of its own. */
  bodies?: BodyMemory;
}

/** Makes an endpoint that speaks to each API in its own form over HTTP. */
export function createProvider(options: ProviderOptions): Provider {
  return new Endpoint(options);
}

/** What the calls of one API have in common. */
interface Route {
  wire: WireForm;
  http: HttpClient;
  headers: HeaderList;
}

class Endpoint implements Provider {
  readonly name: string;
  readonly endpoint: string;
  readonly model: string | null;
  readonly #options: ProviderOptions;
  readonly #dialect: Dialect;
  readonly #redact: Redact;
  readonly #bodies: BodyMemory;
  /** A run's rows seldom need more than one. */
  readonly #routes = new Map<Api, Route>();
  /** Part of the idempotency keys, so that no two endpoints use the same one. */
  readonly #mark: string;

  constructor(options: ProviderOptions) {
    this.name = options.provider ?? new URL(options.name ?? options.baseUrl).host;
    this.endpoint = endpointName(options);
    this.model = options.model;
    this.#options = options;
    this.#dialect = options.dialect ?? "generic";
    this.#redact = redact(options.key);
    this.#bodies = options.bodies ?? new BodyMemory();
    this.#mark = shortHash(this.endpoint);
  }

  prepare(job: ClaimedJob): PreparedCall {
    const { api, body, charge } = this.#options.build(job);
    const hold = this.#bodies.hold();
    return {
      charge,
      send: (signal) => this.#send(job, this.#route(api), body, { signal, hold }),
      release: () => hold.release(),
    };
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#routes.values(), ({ http }) => http.close()));
  }

  #send(
    job: ClaimedJob,
    { wire, http, headers }: Route,
    body: string,
    context: CallContext,
  ): Promise<Outcome> {
    const ownHeaders = headers.concat("idempotency-key", this.#idempotencyKey(job));
    return http.post(ownHeaders, body, context).then((end) => this.#judge(end, wire));
  }

  /** Never throws: whatever comes back was paid for, and is kept. */
  #judge(end: Reply | TransportError, wire: WireForm): Outcome {
    const [redact, wallMs] = [this.#redact, this.#options.clock.wall()];
    let outcome: Outcome | null = null;
    try {
      outcome = classify(end, { wire, dialect: this.#dialect, redact, wallMs });
      return this.#price(this.#check(outcome));
    } catch (error) {
      return unreadable(error, end, outcome, redact);
    }
  }

  /** An answer that is refused was paid for as well. */
  #price(outcome: Outcome): Outcome {
    const costNanoUsd = outcome.answer && (this.#options.costOf?.(outcome.answer) ?? null);
    return costNanoUsd === null ? outcome : { ...outcome, costNanoUsd };
  }

  #check(outcome: Outcome): Outcome {
    const { check } = this.#options;
    if (!check || outcome.kind !== "succeeded") return outcome;
    const checked = check(outcome);
    return { ...checked, message: oneLine(checked.message) };
  }

  /**
   * Stays the same until the request is answered: a provider that honours it answers and bills a call in doubt only once. A request
   * that is asked anew after an answer, or of another endpoint, has another key.
   */
  #idempotencyKey(job: ClaimedJob): string {
    return `llm-batch-${this.#options.run}-${job.id}-${this.#mark}-${job.asks}`;
  }

  #route(api: Api): Route {
    let route = this.#routes.get(api);
    if (!route) {
      route = this.#makeRoute(WIRE_FORMS[api]);
      this.#routes.set(api, route);
    }
    return route;
  }

  #makeRoute(wire: WireForm): Route {
    const {
      baseUrl,
      key,
      timeoutMs,
      concurrency,
      clock,
      maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
    } = this.#options;
    const url = endpointUrl(baseUrl, wire.path, wire.baseUrl);
    const headers = headerList({
      "content-type": "application/json",
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "llm-batch",
      ...wire.headers(key, this.#dialect),
    });
    return { wire, http: new HttpClient({ url, concurrency, timeoutMs, maxBodyBytes, clock }), headers };
  }
}

/** What has a quota and a breaker of its own. Of the key only a fingerprint is in it, of the URL no query or password. */
export function endpointName({
  baseUrl,
  name,
  key,
  model,
}: Pick<ProviderOptions, "baseUrl" | "name" | "key" | "model">): string {
  return endpointPrefix(name ?? baseUrl, model) + (key === null ? "none" : shortHash(key));
}

/** Eight hexadecimal digits. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
