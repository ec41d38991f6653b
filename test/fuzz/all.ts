import { csvChunks, csvTables } from "./csv.ts";
import type { Fuzz } from "./fuzz.ts";
import { cutGzip, imports, mutatedGzip } from "./import.ts";
import { jsonlChunks, jsonlRows } from "./jsonl.ts";
import { rawJson } from "./raw-json.ts";
import { anyTemplate, templateParts } from "./template.ts";

/** Every property, by what it holds. */
export const FUZZES: Readonly<Record<string, Fuzz>> = {
  "any JSONL gives its lines byte for byte, each sent as it stands or refused by name": jsonlRows,
  "JSONL is the same however it is cut into chunks": jsonlChunks,
  "any CSV or TSV gives what RFC 4180 says, or is refused at the record that breaks it": csvTables,
  "CSV is the same however it is cut into chunks": csvChunks,
  "any file is imported exactly or refused with its place, and then nothing of it is left": imports,
  "a compressed file that was cut off anywhere is refused": cutGzip,
  "a damaged compressed file is refused, or gives its rows": mutatedGzip,
  "the members of an object stand as they were written": rawJson,
  "a template renders its parts and the row's fields, and nothing else": templateParts,
  "any template renders or is refused with its place": anyTemplate,
};
