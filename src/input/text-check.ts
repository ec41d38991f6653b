import { LlmBatchError } from "../domain/errors.ts";
import { shellWord } from "../domain/shell-word.ts";

/** How far a file is looked into for signs that it holds no text. */
const LOOK_BYTES = 1_000;
/** The first bytes of gzip and Zstandard. */
const COMPRESSED = ["1f8b", "28b5"];

/**
 * Refuses a file whose first bytes say that every line would be bad.
 * @throws LlmBatchError BAD_ENCODING, UNKNOWN_FORMAT.
 */
export function checkIsText(path: string, start: Buffer): void {
  const signature = start.subarray(0, 2).toString("hex");
  if (signature === "fffe" || signature === "feff") {
    throw new LlmBatchError({
      code: "BAD_ENCODING",
      message: `${path}: is UTF-16, not UTF-8`,
      hint: `convert it first: iconv -f UTF-16 -t UTF-8 ${shellWord(path)} > utf8-file`,
    });
  }
  if (COMPRESSED.includes(signature) || start.subarray(0, LOOK_BYTES).includes(0)) {
    throw new LlmBatchError({
      code: "UNKNOWN_FORMAT",
      message: `${path}: is not a text file`,
      hint: "give JSONL, JSON, CSV or TSV in UTF-8; the name of a compressed file must end in .gz or .zst",
    });
  }
}
