import type { OutputStream } from "./context.ts";
import { printableLine } from "./printable.ts";

/** Says lines on stderr: above the bar while there is one, or it would be drawn over them. */
export class Voice {
  readonly #stream: OutputStream;
  #above: ((text: string) => void) | null = null;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  say(text: string): void {
    const line = printableLine(text);
    if (this.#above) this.#above(line);
    else this.#stream.write(`${line}\n`);
  }

  /** Has what is said from now on said by another; null takes it back. */
  lend(above: ((text: string) => void) | null): void {
    this.#above = above;
  }
}
