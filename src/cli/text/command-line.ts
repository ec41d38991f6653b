import { columnsOf } from "./width.ts";

/**
 * A text whose commands, which stand in backticks, find the same database and key.
 * @param flags that take them there, with a space before each
 */
export function withSameFlags(text: string, flags: string): string {
  return text.replace(/`(llm-batch [^`]+)`/g, (quoted, command: string) =>
    command.endsWith("--help") ? quoted : `\`${command}${flags}\``,
  );
}

/** A word of a command, with what is quoted in it. */
const WORD = /(?:\\.|'[^']*'|[^ '])+/g;

/**
 * A command to be copied: what is too wide is broken between words, so that a shell still reads it as one. A word that
 * is wider by itself is left to the terminal, whose copy joins it again.
 * @param columns null breaks nothing
 */
export function commandLines(command: string, columns: number | null): string[] {
  if (columns === null) return [command];
  const [first = "", ...words] = command.match(WORD) ?? [];
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    if (columnsOf(`${line} ${word} \\`) <= columns) line += ` ${word}`;
    else {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    }
  }
  return [...lines, line];
}
