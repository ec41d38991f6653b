import { LlmBatchError } from "../domain/errors.ts";
import { delimiterHint, otherDelimiter } from "./delimiters.ts";
import { ROW_ERRORS } from "./row-errors.ts";

/** What Excel writes and reads as a first line, to say which separator follows. */
const EXCEL_NOTE = /^sep=.?$/i;

/**
 * Checks the names in a CSV header: every field of a row needs a name of its own.
 *
 * @param place file and line, for messages
 * @throws LlmBatchError BAD_HEADER, BAD_ENCODING.
 */
export function checkHeader(names: readonly string[], place: string, isUtf8: boolean): void {
  if (!isUtf8) {
    throw new LlmBatchError({
      code: "BAD_ENCODING",
      message: `${place}: the header is not valid UTF-8`,
      hint: ROW_ERRORS.BAD_ENCODING.remedy,
    });
  }
  if (EXCEL_NOTE.test(names.join(","))) {
    throw badHeader(`${place}: the line is a note to Excel, and no header`, "delete the line");
  }
  const empty = names.findIndex((name) => name.trim() === "");
  if (empty >= 0) {
    throw badHeader(`${place}: column ${empty + 1} of the header has no name`, "give every column a name");
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw badHeader(`${place}: two columns are called ${JSON.stringify(twice)}`, "rename one of them");
  }
}

/**
 * Doubts a header of one column in which another separator stands: spreadsheets write semicolons where a comma is the
 * decimal sign.
 *
 * @throws LlmBatchError BAD_HEADER.
 */
export function doubtDelimiter(names: readonly string[], delimiter: string, place: string): void {
  const other = names.length === 1 ? otherDelimiter(names[0]!, delimiter) : null;
  if (other === null) return;
  throw badHeader(
    `${place}: the header is a single column, ${JSON.stringify(names[0])}`,
    `${delimiterHint(other)}; or if it is one column, --delimiter ${delimiter === "\t" ? "tab" : `'${delimiter}'`}`,
  );
}

function badHeader(message: string, hint: string): LlmBatchError {
  return new LlmBatchError({ code: "BAD_HEADER", message, hint });
}
