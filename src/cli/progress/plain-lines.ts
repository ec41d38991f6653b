import type { Writable } from "node:stream";
import type { Display } from "./progress.ts";

/** For logs and pipes: a whole line now and then. */
export class PlainLines implements Display {
  readonly everyMs = 10_000;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  draw(_done: number, _total: number, line: string): void {
    this.say(line);
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {}
}
