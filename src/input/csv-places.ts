import { invalidLines } from "./blocks.ts";

const NEWLINE = 0x0a;

/**
 * Follows a CSV parser through the bytes it is given. The parser's own count of lines goes wrong where a quoted
 * field holds CRLF, and it doesn't check the encoding.
 */
export class CsvPlaces {
  /** Offsets of the newlines that no record has reached yet. */
  #newlines: number[] = [];
  #passed = 0;
  #invalidLines = new Set<number>();
  #bytesAdded = 0;
  #linesAdded = 1;
  /** The line on which the next record starts, from 1. */
  #line = 1;

  /** Takes note of a block of whole lines, before the parser gets it. */
  add(bytes: Buffer): void {
    for (const index of invalidLines(bytes) ?? []) this.#invalidLines.add(this.#linesAdded + index);
    this.#newlines = this.#newlines.slice(this.#passed);
    this.#passed = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#newlines.push(this.#bytesAdded + at);
      this.#linesAdded++;
    }
    this.#bytesAdded += bytes.length;
  }

  /** Goes on to the end of a record, and says on which line it started and whether it is UTF-8. */
  pass(endOffset: number): { line: number; isUtf8: boolean } {
    const first = this.#line;
    this.#advance(endOffset - 1);
    const isUtf8 = !this.#isInvalid(first, this.#line);
    this.#advance(endOffset);
    return { line: first, isUtf8 };
  }

  /** The line that the next block starts with. */
  get nextLine(): number {
    return this.#linesAdded;
  }

  /** The line on which the next record starts. */
  get line(): number {
    return this.#line;
  }

  #advance(offset: number): void {
    while (this.#passed < this.#newlines.length && this.#newlines[this.#passed]! < offset) {
      this.#passed++;
      this.#line++;
    }
  }

  #isInvalid(first: number, last: number): boolean {
    if (this.#invalidLines.size === 0) return false;
    let invalid = false;
    for (let line = first; line <= last; line++) invalid = this.#invalidLines.delete(line) || invalid;
    return invalid;
  }
}
