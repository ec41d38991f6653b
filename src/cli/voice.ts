import type { OutputStream } from "./context.ts";
import { printableLine } from "./text/printable.ts";

/** Says lines on stderr: above the progress bar while there is one, which would else be drawn over them. */
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

  /** Hands what is said from now on to `above`; null writes it to stderr again. */
  sayThrough(above: ((text: string) => void) | null): void {
    this.#above = above;
  }
}
