import type { Writable } from "node:stream";
import type { Display } from "./display.ts";
import { plainLine } from "./plain-line.ts";
import type { Sight } from "./sight.ts";

/** For logs and pipes: a whole line now and then. */
export class PlainLines implements Display {
  readonly everyMs = 10_000;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  draw(sight: Sight): void {
    this.say(plainLine(sight));
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {}
}
