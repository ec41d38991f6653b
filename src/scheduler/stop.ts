import { setMaxListeners } from "node:events";
import type { StopReason } from "../domain/stop-reason.ts";

/**
 * The one switch that ends a drain early. The first reason wins: no more claims, calls in flight may finish. `abort`
 * ends those as well.
 */
export class StopSwitch {
  readonly #aborter = new AbortController();
  readonly #listeners: ((reason: StopReason) => void)[] = [];
  #reason: StopReason | null = null;

  constructor() {
    // One listener for each call in flight: that many are no leak.
    setMaxListeners(0, this.#aborter.signal);
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Aborted when calls in flight must end at once. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  onStop(listener: (reason: StopReason) => void): void {
    if (this.#reason) listener(this.#reason);
    else this.#listeners.push(listener);
  }

  stop(reason: StopReason): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const listener of this.#listeners) listener(reason);
  }

  abort(): void {
    this.#aborter.abort();
  }
}
