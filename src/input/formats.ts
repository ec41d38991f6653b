import { LlmBatchError } from "../domain/errors.ts";
import type { InputFormat } from "../domain/run.ts";

const ENDINGS: Readonly<Record<string, InputFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".tsv": "tsv",
};

/** Endings of files that are decompressed while they are read. */
const COMPRESSED = /\.(gz|zst)$/;

/** How a file is compressed, by its ending. */
export function compressionOf(path: string): "gz" | "zst" | null {
  const ending = COMPRESSED.exec(path.toLowerCase())?.[1];
  return (ending as "gz" | "zst" | undefined) ?? null;
}

/** How other files that hold prompts become JSONL. */
function conversion(name: string, path: string): string {
  return name.endsWith(".txt")
    ? `; make each line a prompt with: jq -Rc '{prompt: .}' ${path} > rows.jsonl`
    : "";
}

const WORKBOOKS = /\.(xlsx?|xlsm|ods|numbers)$/;

/**
 * The format a path's ending stands for; standard input is taken as JSONL.
 * @throws LlmBatchError UNKNOWN_FORMAT.
 */
export function formatOf(path: string): InputFormat {
  if (path === "-") return "jsonl";
  const name = path.toLowerCase().replace(COMPRESSED, "");
  const ending = Object.keys(ENDINGS).find((known) => name.endsWith(known));
  if (ending !== undefined) return ENDINGS[ending]!;
  const told = `say what it is with --format jsonl|json|csv|tsv${conversion(name, path)}`;
  throw new LlmBatchError({
    code: "UNKNOWN_FORMAT",
    message: `${path}: ends in none of .jsonl, .ndjson, .json, .csv, .tsv, with or without .gz or .zst`,
    hint: WORKBOOKS.test(name) ? `save it as CSV, and give that; or ${told}` : told,
  });
}
