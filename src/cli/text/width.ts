/** Marks that stand over the character before them, and characters that show nothing. */
const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** East Asian wide and full-width forms, and pictures: two columns each. */
const TWO_COLUMNS =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** A command that is named in a text. */
const COMMAND = /`llm-batch [^`]+`/g;
/** ASCII, and what a bar is drawn of: one column each. */
const NARROW = /^[\x20-\x7e\u2580-\u259f]*$/;

/** The columns that a line of text takes in a terminal. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += columnsOfChar(char);
  return columns;
}

/** The text where it fits, else its beginning and an ellipsis. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return columns < 1 ? "" : `${beginning(text, columns - 1)}…`;
}

/** A text in so many columns; numbers stand at the right. */
export function padTo(text: string, columns: number, side: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, columns - columnsOf(text)));
  return side === "left" ? text + space : space + text;
}

/**
 * Breaks a text at its spaces, so that no line is wider; a word that is wider by itself is broken where it must be. A
 * command stays in one piece, since it is to be copied: what is wider than the window, a terminal's copy joins again.
 * @param restColumns the columns of the lines after the first. Default: `columns`
 */
export function wrapWords(text: string, columns: number, restColumns = columns): string[] {
  const lines: string[] = [];
  let line = "";
  const room = (): number => Math.max(1, lines.length === 0 ? columns : restColumns);
  for (const piece of text.replace(COMMAND, (command) => command.replaceAll(" ", "\0")).split(" ")) {
    const word = piece.replaceAll("\0", " ");
    if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > room()) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (word === piece && columnsOf(line) > room()) {
      const part = beginning(line, room());
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return [...lines, line];
}

/** As much of the text as fits, and at least one character. */
function beginning(text: string, columns: number): string {
  let taken = "";
  let width = 0;
  for (const char of text) {
    width += columnsOfChar(char);
    if (width > columns && taken !== "") break;
    taken += char;
  }
  return taken;
}

function columnsOfChar(char: string): number {
  if (NO_COLUMN.test(char)) return 0;
  return TWO_COLUMNS.test(char) ? 2 : 1;
}
