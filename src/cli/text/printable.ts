import { stripVTControlCharacters } from "node:util";
import { UNFIT } from "../../domain/unfit.ts";

/**
 * Text made fit for a terminal. Rows, ids, answers, models and file names are strangers' text: nothing in them may
 * move the cursor, colour the terminal or turn the text round. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNFIT, (char) =>
    char === "\n" || char === "\t" ? char : "",
  );
}

/** The same as one line, so that no id can forge a line of ours. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]+/g, " ");
}
