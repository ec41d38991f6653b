import type { Dispatcher } from "undici";
import { BodyMemory } from "./body-memory.ts";
import { type CallContext, HttpCall, type HttpCallOptions } from "./call.ts";
import { OpenCalls } from "./open-calls.ts";
import { loadPool, loadProxyAgent, proxyConnections } from "./pool.ts";
import { proxiesFor } from "./proxy.ts";
import type { Reply, TransportError } from "./reply.ts";

/** A host that doesn't answer the handshake within this is not there. Slow answers are bounded by the timeout of the call. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Below the 5 s after which a Node server closes an idle connection: a reset then would leave the call in doubt. */
const KEEP_ALIVE_MS = 4_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** Names and values in turn: what undici reads fastest, and the shortest to copy. */
export type HeaderList = readonly string[];

/** As a list. */
export function headerList(headers: Readonly<Record<string, string>>): HeaderList {
  return Object.entries(headers).flat();
}

export interface HttpOptions extends HttpCallOptions {
  url: URL;
  /** Connections at most: one per call in flight. */
  concurrency: number;
}

/** Sends requests to one URL. Never retries, never follows a redirect. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #open: OpenCalls;
  readonly #dispatcher: Dispatcher;
  readonly #origin: string;
  readonly #path: string;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#open = new OpenCalls(options.clock);
    this.#dispatcher = dispatcherFor(options);
    this.#origin = options.url.origin;
    this.#path = options.url.pathname + options.url.search;
  }

  /**
   * Makes exactly one request.
   * @returns a TransportError when no whole reply came; code `aborted` when `signal` ended it
   */
  post(headers: HeaderList, body: string, context: CallContext): Promise<Reply | TransportError> {
    return this.#send("POST", headers, body, context);
  }

  /** As `post`, for what only reads. */
  get(headers: HeaderList, signal: AbortSignal): Promise<Reply | TransportError> {
    return this.#send("GET", headers, null, { signal, hold: new BodyMemory().hold() });
  }

  /** Closes the connections; calls still in flight end with an error. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  #send(
    method: "GET" | "POST",
    headers: HeaderList,
    body: string | null,
    context: CallContext,
  ): Promise<Reply | TransportError> {
    return new Promise((resolve) => {
      const call = new HttpCall(this.#options, this.#open, context, resolve);
      if (call.over) return;
      this.#dispatcher.dispatch(
        { origin: this.#origin, path: this.#path, method, headers: headers as string[], body },
        call,
      );
    });
  }
}

function dispatcherFor({ url, concurrency }: HttpOptions): Dispatcher {
  const settings = {
    connections: concurrency,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  };
  const proxies = proxiesFor(url, process.env);
  return proxies
    ? new (loadProxyAgent())({ ...settings, ...proxies, clientFactory: proxyConnections })
    : new (loadPool())(url.origin, settings);
}
