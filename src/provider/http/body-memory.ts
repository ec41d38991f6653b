/**
 * For all calls of a process. Each body stands in memory as text and as its output until it is recorded, and while it
 * is read also as bytes and parsed. 64 answers of 60 MiB at once took 5.2 GB without a limit, 1.4 GB with 256 MiB and 0.9 GB
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
export class BodyMemory {
  readonly #limitBytes: number;
  readonly #halted = new Set<BodyHold>();
  #bytes = 0;
  /** The one call that may go on beyond the limit. */
  #ahead: BodyHold | null = null;

  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** For one call. */
  hold(): BodyHold {
    return new BodyHold(this);
  }

  /** For {@link BodyHold} alone. True when the call has to halt. */
  take(hold: BodyHold, bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.#limitBytes || hold.bytes <= SMALL_BYTES) return false;
    this.#ahead ??= hold;
    if (this.#ahead === hold) return false;
    this.#halted.add(hold);
    return true;
  }

  /** For {@link BodyHold} alone. */
  giveBack(hold: BodyHold): void {
    this.#bytes -= hold.bytes;
    this.#halted.delete(hold);
    if (this.#ahead === hold) this.#ahead = null;
    if (this.#halted.size > 0) this.#wake();
  }

  /** Calls that were halted, oldest first; the first one may go on in any case. */
  #wake(): void {
    for (const hold of this.#halted) {
      if (this.#bytes > this.#limitBytes) {
        if (this.#ahead !== null) return;
        this.#ahead = hold;
      }
      this.#halted.delete(hold);
      hold.resume();
    }
  }
}

/** What one call holds of the memory. */
export class BodyHold {
  readonly #memory: BodyMemory;
  #bytes = 0;
  #reading: Reading | null = null;

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a part of the body that was read, and halts the reading where the memory is used up. */
  take(bytes: number, reading: Reading): void {
    this.#bytes += bytes;
    if (!this.#memory.take(this, bytes)) return;
    this.#reading = reading;
    reading.pause();
  }

  /** Gives everything back. Safe to call twice, and for a call that took nothing. */
  release(): void {
    this.#memory.giveBack(this);
    this.#bytes = 0;
    this.#reading = null;
  }

  /** For {@link BodyMemory} alone. */
  resume(): void {
    // Not at once: this may be in the midst of the reading of another call, where undici can't begin with this one.
    queueMicrotask(() => {
      const reading = this.#reading;
      this.#reading = null;
      reading?.resume();
    });
  }
}
