import type { Gate } from "../control/gate.ts";
import type { Store } from "../ports/store.ts";

interface ExchangeParts {
  store: Pick<Store, "updateEndpoint">;
  endpoint: string;
  gate: Gate;
}

/**
 * Between a gate and the state of its endpoint that processes share. One at a time: a gate that hasn't taken over yet what it gave
 * would give the same use of a day's quota again.
 */
export class Exchange {
  readonly #parts: ExchangeParts;
  /** The one under way, and all that are to follow it. */
  #last: Promise<void> = Promise.resolve();
  /** One that hasn't begun: it is for all who ask until then. */
  #next: Promise<void> | null = null;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Takes over what other processes, or the user, did to the endpoint, tells them of ours, and renews the share. */
  share(): Promise<void> {
    this.#next ??= this.#afterLast(() => {
      this.#next = null;
      return this.#share();
    });
    return this.#next;
  }

  /** The last one: what was held of the quota is free. */
  leave(): Promise<void> {
    const { store, endpoint, gate } = this.#parts;
    return this.#afterLast(async () => {
      await store.updateEndpoint(endpoint, (state) => gate.leave(state));
    });
  }

  #afterLast(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #share(): Promise<void> {
    const { store, endpoint, gate } = this.#parts;
    let accept = (): void => {};
    await store.updateEndpoint(endpoint, (state) => {
      const exchanged = gate.exchange(state);
      accept = exchanged.accept;
      return exchanged.text;
    });
    accept();
  }
}
