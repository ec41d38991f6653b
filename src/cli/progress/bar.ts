import type { MultiBar, Options, SingleBar } from "cli-progress";
import type { OutputStream } from "../context.ts";
import { painted, span } from "../text/line.ts";
import type { Paint, Tone } from "../text/paint.ts";
import { wrapWords } from "../text/width.ts";
import type { Display, Forms } from "./display.ts";
import type { Glyphs } from "./frame.ts";
import { loadMultiBar } from "./multi-bar.ts";
import { Screen } from "./screen.ts";

/** What a window needs to show the whole frame and a line above it. */
const LEAST_ROWS = 4;
/** The lines after the first of a long text. */
const INDENT = "  ";

interface BarOptions<Shown> {
  stream: OutputStream;
  paint: Paint;
  glyphs: Glyphs;
  frame: Forms<Shown>["frame"];
}

/**
 * Lines at the bottom of a terminal, redrawn in place and gone at the end; what is said scrolls above them. The cursor
 * stays in sight, as nobody could show it again for a process that is killed, or stopped by Ctrl-Z.
 */
export class Bar<Shown> implements Display<Shown> {
  readonly everyMs = 500;
  readonly #options: BarOptions<Shown>;
  readonly #screen: Screen;
  readonly #bars: MultiBar;
  #lines: readonly SingleBar[] = [];
  #shown: Shown | null = null;
  readonly #onResize = (): void => {
    if (this.#shown) this.draw(this.#shown);
  };

  constructor(options: BarOptions<Shown>) {
    this.#options = options;
    this.#screen = new Screen(options.stream);
    const barOptions: Options & { terminal: Screen } = {
      terminal: this.#screen,
      format: (_options, _params, { text }) => text,
      fps: 1,
      linewrap: true,
      clearOnComplete: true,
      gracefulExit: false,
      forceRedraw: true,
      autopadding: false,
    };
    this.#bars = new (loadMultiBar())(barOptions);
    this.#bars.on("update-post", () => this.#screen.flush());
    this.#bars.on("stop", () => this.#screen.flush());
  }

  draw(shown: Shown): void {
    const { paint, glyphs, stream, frame } = this.#options;
    this.#shown = shown;
    const all = frame(shown, this.#columns, glyphs);
    const texts = all.map((line) => painted(line, paint));
    const isLow = (stream.rows ?? LEAST_ROWS) < LEAST_ROWS;
    if (this.#lines.length === 0) {
      this.#lines = (isLow ? texts.slice(0, 1) : texts).map((text) => this.#bars.create(1, 0, { text }));
      stream.on("resize", this.#onResize);
    }
    for (const [at, line] of this.#lines.entries()) line.update({ text: texts[at] });
    this.#bars.update();
  }

  say(text: string, tone: Tone = "plain"): void {
    const lines = wrapWords(text, this.#columns - 1, this.#columns - 1 - INDENT.length)
      .map((line, at) => painted([span(at === 0 ? line : INDENT + line, tone)], this.#options.paint))
      .join("\n");
    if (this.#lines.length > 0) {
      this.#bars.log(`${lines}\n`);
      this.#bars.update();
    } else this.#options.stream.write(`${lines}\n`);
  }

  close(): void {
    if (this.#lines.length === 0) return;
    this.#options.stream.off("resize", this.#onResize);
    this.#bars.stop();
    this.#lines = [];
  }

  get #columns(): number {
    return this.#screen.getWidth();
  }
}
