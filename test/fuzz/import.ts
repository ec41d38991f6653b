import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { LlmBatchError } from "../../src/domain/errors.ts";
import { hashFile, importRun } from "../../src/input/import.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import { importRequest } from "../helpers/import-request.ts";
import { MemoryImport } from "../helpers/memory-import.ts";
import { anyBytes, cutAt, mutated } from "./bytes.ts";
import { csvFile } from "./csv.ts";
import type { Fuzz } from "./fuzz.ts";
import { jsonlFile } from "./jsonl.ts";
import { type Read, readRows } from "./read-rows.ts";

/** Refused before or besides its rows: codes of the file as a whole. */
const FILE_CODES = ["UNKNOWN_FORMAT", "BAD_ENCODING", "BAD_CSV", "BAD_HEADER", "EMPTY_INPUT"];

type Imported = { rows: ImportRow[]; error: null } | { error: LlmBatchError };

const file = fc.oneof(
  fc.tuple(fc.constantFrom("jsonl" as const), fc.oneof(anyBytes, jsonlFile, mutated(jsonlFile))),
  fc.tuple(fc.constantFrom("csv" as const, "tsv" as const), fc.oneof(anyBytes, csvFile, mutated(csvFile))),
);

export const imports: Fuzz = (parameters) =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(file, fc.boolean(), async ([format, bytes], skipInvalid) => {
        const path = `in.${format}`;
        const imported = await importBytes(folder, path, bytes, skipInvalid);
        const read = await readRows(format, cutAt(bytes, []));
        if (imported.error) checkRefusal(path, imported.error, read);
        else assert.deepEqual(imported.rows, read.error ? read.error.message : read.rows);
      }),
      parameters,
    ),
  );

function checkRefusal(path: string, { code, message }: LlmBatchError, read: Read): void {
  if (FILE_CODES.includes(code)) assert.ok(message.startsWith(path), message);
  if (FILE_CODES.includes(code) || code === "DUPLICATE_ID") return;
  assert.equal(code, "INVALID_ROWS");
  const bad = (read.error ? [] : read.rows).filter((row) => row.error !== null);
  const lines = bad
    .slice(0, 20)
    .map(({ line, error }) => `  ${path}:${line} ${error!.code} ${error!.message}`);
  const [, ...listed] = message.split("\n");
  assert.deepEqual(listed.slice(0, 20), lines);
}

const rows = fc
  .array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 50 })
  .map((prompts) => Buffer.from(prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join("")));

export const cutGzip: Fuzz = (parameters) =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(rows, fc.nat(), async (text, at) => {
        const whole = gzipSync(text);
        const cut = whole.subarray(0, at % whole.length);
        const { error } = await importBytes(folder, "in.jsonl.gz", cut, true);
        assert.equal(error?.code, "INPUT_UNREADABLE");
        assert.match(error!.message, /^in\.jsonl\.gz: /);
      }),
      parameters,
    ),
  );

export const mutatedGzip: Fuzz = (parameters) =>
  inFolder((folder) =>
    fc.assert(
      fc.asyncProperty(
        rows.chain((text) => fc.tuple(fc.constant(text), mutated(fc.constant(gzipSync(text))))),
        async ([text, bytes]) => {
          const imported = await importBytes(folder, "in.jsonl.gz", bytes, true);
          if (imported.error !== null) return;
          const read = await readRows("jsonl", cutAt(text, []));
          assert.ok(read.error === null);
          assert.deepEqual(imported.rows, read.rows);
        },
      ),
      parameters,
    ),
  );

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-fuzz-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function importBytes(
  folder: string,
  path: string,
  bytes: Buffer,
  skipInvalid: boolean,
): Promise<Imported> {
  const place = join(folder, path);
  writeFileSync(place, bytes);
  const store = new MemoryImport();
  const input = { path, file: place, hash: await hashFile(place) };
  try {
    await importRun(importRequest({ inputs: [input], store, options: { skipInvalid } }));
    return { rows: store.rows.map(({ source, ...row }) => row), error: null };
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    assert.equal(store.rows.length, 0, "a refused input leaves nothing");
    return { error };
  }
}
