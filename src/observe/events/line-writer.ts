import type { Writable } from "node:stream";
import type { CancelTimer, Clock } from "../../ports/clock.ts";

/** How long lines are gathered, unless a block is full before, to be written at once. */
const GATHER_MS = 100;
const BLOCK_BYTES = 64 * 1024;
/** What a character of a string takes at most in UTF-8. */
const BYTES_PER_CHARACTER = 3;
const NEWLINE = 0x0a;

interface LineWriterOptions {
  stream: Writable;
  clock: Clock;
  /** Called once, when the stream can't be written any more; what comes afterwards is dropped. */
  onFailure(error: NodeJS.ErrnoException): void;
}

/**
 * Writes lines in blocks, one block at a time. While a slow reader takes one, the next gather in memory: nothing is
 * dropped, and nobody waits. They gather as bytes: as text each line is a tree of its parts, which V8 copies while it waits.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  /** Bytes in use of the block. */
  #length = 0;
  /** Blocks that wait for the one being written. */
  #full: Buffer[] = [];
  #writing: Promise<void> | null = null;
  #hasFailed = false;
  #cancel: CancelTimer | null = null;

  constructor(options: LineWriterOptions) {
    this.#options = options;
    options.stream.on("error", (error) => this.#fail(error));
  }

  /** Takes a line, without its line break. */
  write(line: string): void {
    if (this.#hasFailed) return;
    const most = line.length * BYTES_PER_CHARACTER + 1;
    if (this.#length + most > this.#block.length) this.#makeRoom(most);
    this.#length += this.#block.write(line, this.#length);
    this.#block[this.#length++] = NEWLINE;
    if (this.#length < BLOCK_BYTES) this.#flushLater();
    else this.flush();
  }

  /** Starts to write what has gathered, unless a block is on its way. */
  flush(): void {
    if (this.#writing || this.#length === 0) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#nextBlock(0);
    this.#writing = this.#writeFull();
  }

  /** Resolves when everything is written, or nothing can be. */
  async close(): Promise<void> {
    this.flush();
    while (this.#writing) {
      await this.#writing;
      this.flush();
    }
  }

  #makeRoom(bytes: number): void {
    this.flush();
    // A block on its way, or a line longer than a block.
    if (this.#length > 0 || bytes > this.#block.length) this.#nextBlock(bytes);
  }

  /** @param atLeast bytes that it must have room for */
  #nextBlock(atLeast: number): void {
    if (this.#length > 0) this.#full.push(this.#block.subarray(0, this.#length));
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, atLeast));
    this.#length = 0;
  }

  async #writeFull(): Promise<void> {
    for (let block = this.#full.shift(); block; block = this.#full.shift()) await this.#writeBlock(block);
    this.#writing = null;
    if (this.#length > 0) this.#flushLater();
  }

  #writeBlock(block: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#options.stream.write(block, (error) => {
        if (error) this.#fail(error);
        resolve();
      });
    });
  }

  #flushLater(): void {
    const { clock } = this.#options;
    this.#cancel ??= clock.timer(clock.now() + GATHER_MS, () => {
      this.#cancel = null;
      this.flush();
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#full = [];
    this.#length = 0;
    this.#options.onFailure(error);
  }
}
