import type { Writable } from "node:stream";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Display } from "./progress.ts";

const BAR_WIDTH = 20;

/** One line at the bottom of a terminal, redrawn in place and never wider than the window; what is said scrolls above it. */
export class Bar implements Display {
  readonly everyMs = 500;
  readonly #stream: Writable & { columns?: number };
  /** For its `log`, which the single bar lacks. */
  readonly #bars: MultiBar;
  #bar: SingleBar | null = null;

  constructor(stream: Writable & { columns?: number }) {
    this.#stream = stream;
    this.#bars = new MultiBar({
      stream: stream as NodeJS.WritableStream,
      format: (_options, { progress }, { line }) => this.#fit(progress, line),
      hideCursor: true,
      gracefulExit: false,
      forceRedraw: true,
      autopadding: false,
    });
  }

  draw(done: number, total: number, line: string): void {
    this.#bar ??= this.#bars.create(total, done, { line });
    this.#bar.setTotal(total);
    this.#bar.update(done, { line });
    this.#bars.update();
  }

  say(text: string): void {
    for (const line of this.#wrap(text)) {
      if (this.#bar) this.#bars.log(`${line}\n`);
      else this.#stream.write(`${line}\n`);
    }
    if (this.#bar) this.#bars.update();
  }

  close(): void {
    if (this.#bar) this.#bars.stop();
  }

  /** The bar counts lines, so a line that the terminal would break has to be broken here. */
  #wrap(text: string): string[] {
    return text.match(new RegExp(`.{1,${this.#width}}`, "gu")) ?? [];
  }

  #fit(progress: number, line: string): string {
    const filled = Math.round(progress * BAR_WIDTH);
    const drawn = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${line}`;
    return drawn.slice(0, this.#width);
  }

  /** One less than the window has: a full line would move the cursor on. */
  get #width(): number {
    return Math.max((this.#stream.columns ?? 80) - 1, 10);
  }
}
