import { Meter } from "./meter.ts";
import type { Accepted } from "./pace.ts";

/** Long enough to be steady, short enough to follow a doubling. */
const LATELY_SECONDS = 10;

/** The window most providers count over. */
const STEADILY_SECONDS = 60;

/** How many requests the provider lets in, as far as is known. */
export class Acceptance {
  readonly #lately: Meter;
  readonly #steadily: Meter;

  constructor(now: number) {
    this.#lately = new Meter(now, LATELY_SECONDS);
    this.#steadily = new Meter(now, STEADILY_SECONDS);
  }

  /** Counts requests as let in, or takes them back when they were refused after all. */
  add(requests: number, now: number): void {
    this.#lately.add(requests, now);
    this.#steadily.add(requests, now);
  }

  latelyPerMinute(now: number): number {
    return this.#lately.perMinute(now);
  }

  rates(now: number): Accepted {
    return { latelyPerMinute: this.#lately.perMinute(now), steadilyPerMinute: this.#steadily.perMinute(now) };
  }
}
