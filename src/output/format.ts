import { extname } from "node:path";
import { LlmBatchError } from "../domain/errors.ts";

export type OutputFormat = "jsonl" | "csv";

const ENDINGS: Readonly<Record<string, OutputFormat>> = {
  "": "jsonl",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".csv": "csv",
};

/**
 * The format a path's ending stands for: JSONL where it has none, or for `-`.
 * @throws LlmBatchError UNKNOWN_FORMAT.
 */
export function outputFormatOf(path: string): OutputFormat {
  const ending = extname(path).toLowerCase();
  if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending]!;
  throw new LlmBatchError({
    code: "UNKNOWN_FORMAT",
    message: `${path}: no output format goes with the ending ${ending}`,
    hint: "use .jsonl or .csv, or say which with --output-format jsonl|csv",
  });
}
