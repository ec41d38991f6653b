import { LlmBatchError } from "../domain/errors.ts";
import { ROW_ERRORS } from "./row-errors.ts";

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
  const empty = names.findIndex((name) => name.trim() === "");
  if (empty >= 0) {
    throw badHeader(`${place}: column ${empty + 1} of the header has no name`, "give every column a name");
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw badHeader(`${place}: two columns are called ${JSON.stringify(twice)}`, "rename one of them");
  }
}

function badHeader(message: string, hint: string): LlmBatchError {
  return new LlmBatchError({ code: "BAD_HEADER", message, hint });
}
