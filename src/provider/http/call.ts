import type { Dispatcher } from "undici";
import type { Held } from "../../domain/bag.ts";
import { formatDuration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { BodyHold } from "./body-memory.ts";
import { textOf, unpacked } from "./body-text.ts";
import type { OpenCall, OpenCalls } from "./open-calls.ts";
import { type Reply, type ReplyHeaders, TransportError } from "./reply.ts";
import { transportCode, transportMessage } from "./transport-codes.ts";

/** What is kept of a body that is longer than we take. */
const CUT_OFF_BYTES = 64 * 1024;

export interface HttpCallOptions {
  /** For a whole call, from connecting to the last byte. */
  timeoutMs: number;
  maxBodyBytes: number;
  clock: Clock;
}

/** What belongs to one call. */
export interface CallContext {
  /** Ends the call when it is aborted. */
  signal: AbortSignal;
  /** The memory of its body. Given back by the call if it fails, else by whoever takes the reply. */
  hold: BodyHold;
}

/**
 * One request on its way, as undici's handler: below `request`, because only here undici tells when it begins to
 * write on a connected socket. Everything before is `connect`, everything after is in doubt.
 */
export class HttpCall implements Dispatcher.DispatchHandler, OpenCall {
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly #options: HttpCallOptions;
  readonly #open: OpenCalls;
  readonly #hold: BodyHold;
  readonly #onEnd: (end: Reply | TransportError) => void;
  readonly #held: Held<OpenCall> | null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #headers: ReplyHeaders = {};
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;

  constructor(
    options: HttpCallOptions,
    open: OpenCalls,
    { signal, hold }: CallContext,
    onEnd: (end: Reply | TransportError) => void,
  ) {
    this.signal = signal;
    this.deadline = options.clock.now() + options.timeoutMs;
    this.#options = options;
    this.#open = open;
    this.#hold = hold;
    this.#onEnd = onEnd;
    this.#held = signal.aborted ? null : open.add(this);
    if (signal.aborted) this.abort();
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
    if (this.#bytes <= this.#options.maxBodyBytes) {
      this.#hold.take(chunk.length, controller);
      return;
    }
    this.#finish(true);
    this.#hold.release();
    controller.abort(new Error("the body is too long"));
  }

  onResponseEnd(): void {
    this.#finish(false);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(transportCode(error), transportMessage(error), error);
  }

  expire(): void {
    this.#fail("timeout", `no answer within ${formatDuration(this.#options.timeoutMs)} (--timeout)`);
  }

  abort(): void {
    this.#fail("aborted", "ended by the user");
  }

  #finish(cutOff: boolean): void {
    if (!this.#settle()) return;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    const whole = cutOff ? null : unpacked(bytes, this.#headers, this.#options.maxBodyBytes);
    const body = textOf(whole ?? bytes.subarray(0, CUT_OFF_BYTES));
    this.#onEnd({ status: this.#status, headers: this.#headers, body, cutOff: whole === null });
  }

  #fail(code: string, message: string, cause?: Error): void {
    if (!this.#settle()) return;
    const error = new TransportError(this.#controller ? "sent" : "connect", code, message, cause);
    this.#chunks.length = 0;
    this.#hold.release();
    this.#controller?.abort(error);
    this.#onEnd(error);
  }

  /** True the first time only: whatever undici says later of this call is too late. */
  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    if (this.#held) this.#open.remove(this.#held);
    return true;
  }
}
