import { ExpiryLog } from "./limits/expiry-log.ts";

/** The most that was accepted in any span of one length: exact, a span being open at its end. */
export class SpanPeak {
  readonly #spanMs: number;
  readonly #tokens = new ExpiryLog();
  #maxRequests = 0;
  #maxTokens = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Adds one request. */
  add(tokens: number, now: number): void {
    this.#tokens.expire(now);
    this.#tokens.add(now + this.#spanMs, tokens);
    this.#maxRequests = Math.max(this.#maxRequests, this.#tokens.count);
    this.#maxTokens = Math.max(this.#maxTokens, this.#tokens.sum);
  }

  report(): { window_ms: number; requests: number; tokens: number } {
    return { window_ms: this.#spanMs, requests: this.#maxRequests, tokens: this.#maxTokens };
  }
}
