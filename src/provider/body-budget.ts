/**
 * For all calls of a process. Each body stands in memory as text and as its output until it is recorded, and while it
 * is read also as bytes and parsed. 64 answers of 60 MiB at once took 5.2 GB without a budget, 1.4 GB with 256 MiB and 0.9 GB
 * with this; 1.2 GB where their text is not Latin. Answers of 2 MiB still come 64 at a time.
 */
const DEFAULT_LIMIT_BYTES = 128 * 1024 * 1024;

/** Calls with no more than this are never held up by the large ones. */
const SMALL_BYTES = 64 * 1024;

/** Where the reading of a body can be halted: undici's controller. */
interface Reading {
  pause(): void;
  resume(): void;
}

/**
 * What the bodies of all calls may take together, from their first byte until they are recorded. A call that would go beyond
 * it stops reading until others are done. One call goes on all the same, so that there is always one that will be done: the
 * limit is passed by one body at most.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  readonly #halted = new Set<BodyShare>();
  #bytes = 0;
  /** The one call that may go on beyond the limit. */
  #ahead: BodyShare | null = null;

  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** For one call. */
  share(): BodyShare {
    return new BodyShare(this);
  }

  /** For {@link BodyShare} alone. True when the call has to halt. */
  take(share: BodyShare, bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.#limitBytes || share.bytes <= SMALL_BYTES) return false;
    this.#ahead ??= share;
    if (this.#ahead === share) return false;
    this.#halted.add(share);
    return true;
  }

  /** For {@link BodyShare} alone. */
  giveBack(share: BodyShare): void {
    this.#bytes -= share.bytes;
    this.#halted.delete(share);
    if (this.#ahead === share) this.#ahead = null;
    if (this.#halted.size > 0) this.#wake();
  }

  /** Calls that were halted, oldest first; the first one may go on in any case. */
  #wake(): void {
    for (const share of this.#halted) {
      if (this.#bytes > this.#limitBytes) {
        if (this.#ahead !== null) return;
        this.#ahead = share;
      }
      this.#halted.delete(share);
      share.resume();
    }
  }
}

/** What one call holds of the budget. */
export class BodyShare {
  readonly #budget: BodyBudget;
  #bytes = 0;
  #reading: Reading | null = null;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a part of the body that was read, and halts the reading where the budget is used up. */
  take(bytes: number, reading: Reading): void {
    this.#bytes += bytes;
    if (!this.#budget.take(this, bytes)) return;
    this.#reading = reading;
    reading.pause();
  }

  /** Gives everything back. Safe to call twice, and for a call that took nothing. */
  release(): void {
    this.#budget.giveBack(this);
    this.#bytes = 0;
    this.#reading = null;
  }

  /** For {@link BodyBudget} alone. */
  resume(): void {
    // Not at once: this may be in the midst of the reading of another call, where undici can't begin with this one.
    queueMicrotask(() => {
      const reading = this.#reading;
      this.#reading = null;
      reading?.resume();
    });
  }
}
