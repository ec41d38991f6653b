const ESC = "\x1b";
const PIECE = new RegExp(`${ESC}\\[[?\\d;]*[A-Za-z]|[^${ESC}]`, "gu");

/** What a terminal shows of the text written to it: enough of one for what a progress bar writes. */
export class VirtualScreen {
  readonly #columns: number;
  #rows: string[] = [""];
  #row = 0;
  #column = 0;
  #isCursorShown = true;
  #broken: string[] = [];

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(PIECE)) {
      if (piece.startsWith(ESC)) this.#obey(piece.slice(2, -1), piece.at(-1)!);
      else if (piece === "\r") this.#column = 0;
      else if (piece === "\n") this.#moveTo(this.#row + 1);
      else this.#put(piece);
    }
  }

  /** The rows with something in them, down to the last one. */
  get rows(): readonly string[] {
    const rows = this.#rows.map((row) => row.trimEnd());
    return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1);
  }

  /** Rows that were so full that the terminal went on in the next. */
  get broken(): readonly string[] {
    return this.#broken;
  }

  get isCursorShown(): boolean {
    return this.#isCursorShown;
  }

  /** Where the next text would come. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  #put(char: string): void {
    if (this.#column === this.#columns) {
      this.#broken.push(this.#rows[this.#row]!);
      this.#moveTo(this.#row + 1);
      this.#column = 0;
    }
    const row = this.#rows[this.#row]!.padEnd(this.#column);
    this.#rows[this.#row] = row.slice(0, this.#column) + char + row.slice(this.#column + 1);
    this.#column += 1;
  }

  /** A terminal driver makes a new line of it, from its first column. */
  #moveTo(row: number): void {
    this.#row = row;
    this.#column = 0;
    while (this.#rows.length <= row) this.#rows.push("");
  }

  #obey(parameter: string, command: string): void {
    const row = this.#rows[this.#row]!;
    if (command === "A") this.#row = Math.max(0, this.#row - Number(parameter || 1));
    if (command === "K" || command === "J") this.#rows[this.#row] = row.slice(0, this.#column);
    if (command === "J") this.#rows = this.#rows.slice(0, this.#row + 1);
    if (parameter === "?25") this.#isCursorShown = command === "h";
  }
}
