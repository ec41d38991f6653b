import type { Writable } from "node:stream";
import type { Display, Forms } from "./display.ts";

/** For logs and pipes: a whole line now and then. */
export class PlainLines<Shown> implements Display<Shown> {
  readonly everyMs = 10_000;
  readonly #stream: Writable;
  readonly #lineOf: Forms<Shown>["plainLine"];

  constructor(stream: Writable, lineOf: Forms<Shown>["plainLine"]) {
    this.#stream = stream;
    this.#lineOf = lineOf;
  }

  draw(shown: Shown): void {
    this.say(this.#lineOf(shown));
  }

  say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {}
}
