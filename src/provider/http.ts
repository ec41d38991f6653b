import { setMaxListeners } from "node:events";
import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { formatDuration } from "../domain/duration.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { type Reply, type ReplyHeaders, TransportError } from "./reply.ts";
import { transportCode, transportMessage } from "./transport-codes.ts";

/** A host that doesn't answer the handshake within this is not there; a slow answer is the call's own timeout's affair. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Below the 5 s after which a Node server closes an idle connection: a reset then would leave the call in doubt. */
const KEEP_ALIVE_MS = 4_000;
const MAX_HEADER_BYTES = 64 * 1024;
/** What is kept of a body that is longer than we take. */
const CUT_OFF_BYTES = 64 * 1024;

export interface HttpOptions {
  url: URL;
  /** Connections at most: one per call in flight. */
  concurrency: number;
  /** For a whole call, from connecting to the last byte. */
  timeoutMs: number;
  maxBodyBytes: number;
  clock: Clock;
}

/** Sends POST requests to one URL. Never retries, never follows a redirect. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #dispatcher: Dispatcher;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#dispatcher = dispatcherFor(options);
  }

  /**
   * Makes exactly one request.
   * @throws TransportError when no whole reply came; code `aborted` when `signal` ended it.
   */
  post(headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Reply> {
    // Every call in flight listens to the one signal of the run: many listeners are no leak here.
    setMaxListeners(0, signal);
    return new Promise((resolve, reject) => {
      const call = new Call(this.#options, signal, resolve, reject);
      if (call.over) return;
      const { origin, pathname, search } = this.#options.url;
      this.#dispatcher.dispatch({ origin, path: pathname + search, method: "POST", headers, body }, call);
    });
  }

  /** Closes the connections; calls still in flight end with an error. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
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
  return proxyIsSet() ? new EnvHttpProxyAgent(settings) : new Pool(url.origin, settings);
}

function proxyIsSet(): boolean {
  return ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].some((name) => process.env[name]);
}

/**
 * One request on its way, as undici's handler: below `request`, because only here undici tells when it begins to
 * write on a connected socket. Everything before is `connect`, everything after is in doubt.
 */
class Call implements Dispatcher.DispatchHandler {
  readonly #options: HttpOptions;
  readonly #signal: AbortSignal;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: TransportError) => void;
  readonly #cancelTimer: CancelTimer;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #headers: ReplyHeaders = {};
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;

  constructor(
    options: HttpOptions,
    signal: AbortSignal,
    resolve: (reply: Reply) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#options = options;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    const { clock, timeoutMs } = options;
    this.#cancelTimer = clock.timer(clock.now() + timeoutMs, this.#onTimeout);
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort);
  }

  get over(): boolean {
    return this.#over;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("given up before it was sent"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#options.maxBodyBytes) return;
    this.#finish(true);
    controller.abort(new Error("the body is too long"));
  }

  onResponseEnd(): void {
    this.#finish(false);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(transportCode(error), transportMessage(error), error);
  }

  readonly #onTimeout = (): void => {
    this.#fail("timeout", `no answer within ${formatDuration(this.#options.timeoutMs)} (--timeout)`);
  };

  readonly #onAbort = (): void => this.#fail("aborted", "ended by the user");

  #finish(cutOff: boolean): void {
    if (!this.#settle()) return;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const body = (cutOff ? bytes.subarray(0, CUT_OFF_BYTES) : bytes).toString("utf8");
    this.#resolve({ status: this.#status, headers: this.#headers, body, cutOff });
  }

  #fail(code: string, message: string, cause?: Error): void {
    if (!this.#settle()) return;
    const error = new TransportError(this.#controller ? "sent" : "connect", code, message, cause);
    this.#controller?.abort(error);
    this.#reject(error);
  }

  /** True the first time only: whatever undici says later of this call is too late. */
  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#cancelTimer();
    this.#signal.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
