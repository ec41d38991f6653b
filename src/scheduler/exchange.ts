import type { Gate } from "../control/gate.ts";
import type { Store } from "../ports/store.ts";

interface ExchangeParts {
  store: Pick<Store, "updateEndpoint">;
  endpoint: string;
  gate: Gate;
}

/**
 * Exchanges state between a gate and the record of its endpoint, which processes share. One exchange at a time: until the gate has
 * taken over what it gave, it would report the same use of a day's quota again.
 */
export class Exchange {
  readonly #parts: ExchangeParts;
  /** Settles after the exchange under way and those queued behind it. */
  #last: Promise<void> = Promise.resolve();
  /** An exchange that hasn't begun yet: it serves all who ask for one until it does. */
  #next: Promise<void> | null = null;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /**
   * Takes over what other processes or the user did to the endpoint, writes what this process did, and renews its share of the
   * quota.
   */
  share(): Promise<void> {
    this.#next ??= this.#afterLast(() => {
      this.#next = null;
      return this.#share();
    });
    return this.#next;
  }

  /** The last exchange: gives this process's share of the quota up. */
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
