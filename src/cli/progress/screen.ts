import { stripVTControlCharacters } from "node:util";
import type { OutputStream } from "../context.ts";
import { columnsOf } from "../text/width.ts";

const ESC = "\x1b[";
const ERASE_BELOW = `${ESC}J`;
const ERASE_RIGHT = `${ESC}K`;

/**
 * The terminal as cli-progress draws on it, in place of its own: a frame is one write, coloured lines aren't cut within
 * an escape sequence, and it knows how many rows the last frame takes since the window was resized, as terminals break
 * lines that have become too wide.
 */
export class Screen {
  readonly #stream: OutputStream;
  #pending = "";
  /** Columns of each line of the frame, and of the window when it was drawn. */
  #widths: number[] = [];
  #drawnAt = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  isTTY(): boolean {
    return true;
  }

  getWidth(): number {
    return this.#stream.columns || 80;
  }

  /** Goes to where the frame begins. */
  cursorRelativeReset(): void {
    const columns = this.getWidth();
    const above = this.#widths.slice(0, -1);
    const rows = above.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    if (rows > 0) this.#pending += `${ESC}${rows}A`;
    this.#pending += "\r";
    if (this.#drawnAt !== columns && this.#widths.length > 0) this.#pending += ERASE_BELOW;
    this.#widths = [];
    this.#drawnAt = columns;
  }

  /** Before lines that stay: they push the frame down. */
  clearLine(): void {
    this.#pending += ERASE_BELOW;
  }

  clearBottom(): void {
    this.#pending += ERASE_BELOW;
  }

  clearRight(): void {
    this.#pending += ERASE_RIGHT;
  }

  cursorTo(): void {
    this.#pending += "\r";
  }

  newline(): void {
    this.#pending += "\n";
  }

  /** @param stays for a line that stays, and is no part of the frame */
  write(text: string, stays = false): void {
    this.#pending += text;
    if (!stays) this.#widths.push(columnsOf(stripVTControlCharacters(text)));
  }

  /** The cursor rests at the beginning of the last line, where the `^C` of a user can't break the line. */
  flush(): void {
    const text = this.#widths.length > 0 ? `${this.#pending}\r` : this.#pending;
    this.#pending = "";
    if (text !== "") this.#stream.write(text);
  }
}
