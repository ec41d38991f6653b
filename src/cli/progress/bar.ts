import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import type { Display } from "./progress.ts";

const BAR_WIDTH = 20;
const CLEAR_LINE = "\r\u001b[K";

/** One line at the bottom of a terminal, redrawn in place and never wider than the window. */
export class Bar implements Display {
  readonly everyMs = 500;
  readonly #stream: Writable & { columns?: number };
  readonly #bar: SingleBar;
  #started = false;

  constructor(stream: Writable & { columns?: number }) {
    this.#stream = stream;
    this.#bar = new SingleBar({
      stream: stream as NodeJS.WritableStream,
      format: (_options, { progress }, { line }) => this.#fit(progress, line),
      hideCursor: true,
      gracefulExit: false,
      forceRedraw: true,
      autopadding: false,
    });
  }

  draw(done: number, total: number, line: string): void {
    if (this.#started) this.#bar.setTotal(total);
    else this.#bar.start(total, done, { line });
    this.#started = true;
    this.#bar.update(done, { line });
  }

  say(text: string): void {
    this.#stream.write(`${this.#started ? CLEAR_LINE : ""}${text}\n`);
  }

  close(): void {
    if (this.#started) this.#bar.stop();
  }

  #fit(progress: number, line: string): string {
    const filled = Math.round(progress * BAR_WIDTH);
    const drawn = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${line}`;
    return drawn.slice(0, Math.max((this.#stream.columns ?? 80) - 1, 10));
  }
}
