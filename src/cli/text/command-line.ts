import { shellWord } from "../../domain/shell-word.ts";
import { wrapWords } from "./width.ts";

/**
 * A command that finds the same database.
 * @param db the `--db` that this one was given; null without
 */
export function onDatabase(command: string, db: string | null): string {
  return db === null ? command : `${command} --db ${shellWord(db)}`;
}

/** A text whose commands, which stand in backticks, find the same database. */
export function namedOnDatabase(text: string, db: string | null): string {
  return text.replace(/`(llm-batch [^`]+)`/g, (quoted, command: string) =>
    command.endsWith("--help") ? quoted : `\`${onDatabase(command, db)}\``,
  );
}

/**
 * A command to be copied: lines that are too wide are broken so that a shell still reads them as one.
 * @param columns null breaks nothing
 */
export function commandLines(command: string, columns: number | null): string[] {
  if (columns === null) return [command];
  const lines = wrapWords(command, columns - 2, columns - 4);
  const last = lines.length - 1;
  return lines.map((line, at) => `${at === 0 ? "" : "  "}${line}${at === last ? "" : " \\"}`);
}
