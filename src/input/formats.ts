import { LlmBatchError } from "../domain/errors.ts";
import type { InputFormat } from "../domain/run.ts";

const ENDINGS: Readonly<Record<string, InputFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".csv": "csv",
  ".tsv": "tsv",
};

/** Whether a file is read through gunzip. */
export function isGzip(path: string): boolean {
  return path.toLowerCase().endsWith(".gz");
}

/**
 * The format a path's ending stands for; standard input is taken as JSONL.
 * @throws LlmBatchError UNKNOWN_FORMAT.
 */
export function formatOf(path: string): InputFormat {
  if (path === "-") return "jsonl";
  const name = path.toLowerCase().replace(/\.gz$/, "");
  const ending = Object.keys(ENDINGS).find((known) => name.endsWith(known));
  if (ending !== undefined) return ENDINGS[ending]!;
  const array = name.endsWith(".json")
    ? `; make an array into lines with: jq -c '.[]' ${path} > rows.jsonl`
    : "";
  throw new LlmBatchError({
    code: "UNKNOWN_FORMAT",
    message: `${path}: ends in none of .jsonl, .ndjson, .csv, .tsv, with or without .gz`,
    hint: `say what it is with --format jsonl|csv|tsv${array}`,
  });
}
