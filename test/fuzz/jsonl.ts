import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject } from "../../src/domain/row.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import { compileRequest } from "../../src/request/compile-request.ts";
import { requestSettings } from "../helpers/request-settings.ts";
import { anyBytes, cutAt, cuts, mutated } from "./bytes.ts";
import type { Fuzz } from "./fuzz.ts";
import { jsonObject } from "./json-text.ts";
import { comparable, readRows } from "./read-rows.ts";

/** Rows as users write them, and rows of every other kind. */
const line = fc.oneof(
  { weight: 4, arbitrary: jsonObject(["prompt", "id", "messages", "model", "max_tokens", "__proto__"]) },
  {
    weight: 4,
    arbitrary: fc.record({ id: fc.string(), prompt: fc.string() }).map((row) => JSON.stringify(row)),
  },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("body", "params"), fc.string(), fc.string())
      .map(([holder, id, content]) => batchLine(holder, id, content)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "  ", "\t", "[[[[", `${"[".repeat(9_999)}${"]".repeat(9_999)}`),
  },
);

function batchLine(holder: string, id: string, content: string): string {
  const body = { model: "m", max_tokens: 5, messages: [{ role: "user", content }] };
  const line = { custom_id: id, method: "POST", url: "/v1/chat/completions", [holder]: body };
  return JSON.stringify(line);
}

const lineEnd = fc.constantFrom("\n", "\r\n");

export const jsonlFile: fc.Arbitrary<Buffer> = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(fc.tuple(line, lineEnd), { maxLength: 8 }))
  .map(([bom, lines]) => Buffer.from(bom + lines.map((parts) => parts.join("")).join("")));

const anyFile = fc.oneof(anyBytes, jsonlFile, mutated(jsonlFile));

export const jsonlRows: Fuzz = (parameters) =>
  fc.assert(
    fc.asyncProperty(anyFile, async (bytes) => {
      const read = await readRows("jsonl", cutAt(bytes, []));
      assert.equal(read.error, null);
      const expected = expectedLines(bytes);
      assert.deepEqual(
        read.rows.map(({ line: number }) => number),
        expected.map(({ number }) => number),
      );
      for (const [index, row] of read.rows.entries()) checkRow(row, expected[index]!);
    }),
    parameters,
  );

export const jsonlChunks: Fuzz = (parameters) =>
  fc.assert(
    fc.asyncProperty(anyFile, cuts, async (bytes, places) => {
      for (const format of ["jsonl", "json"] as const) {
        const whole = await readRows(format, cutAt(bytes, []));
        assert.deepEqual(comparable(await readRows(format, cutAt(bytes, places))), comparable(whole));
      }
    }),
    parameters,
  );

interface Line {
  number: number;
  /** Null where the bytes are no UTF-8. */
  text: string | null;
}

/** The same lines by other means: cut as bytes, each decoded by itself. */
function expectedLines(file: Buffer): Line[] {
  const bytes = file.subarray(file.indexOf(Buffer.from("\ufeff")) === 0 ? 3 : 0);
  const lines: Line[] = [];
  let number = 1;
  for (let start = 0; start < bytes.length; number++) {
    const newline = bytes.indexOf("\n", start);
    const end = newline < 0 ? bytes.length : newline;
    const text = decode(bytes.subarray(start, end));
    if (text === null || text.trim() !== "") lines.push({ number, text });
    start = end + 1;
  }
  return lines;
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function checkRow(row: ImportRow, { text }: Line): void {
  // Bad rows too: they stand in the export.
  JSON.parse(row.row);
  const value = text === null ? undefined : parse(text);
  if (text !== null && value !== undefined) assert.equal(row.row, text.trim());
  if (text === null) assert.equal(row.error?.code, "BAD_ENCODING");
  else if (value === undefined) assert.equal(row.error?.code, "BAD_JSON");
  else if (!isObject(value)) assert.equal(row.error?.code, "NOT_AN_OBJECT");
  else checkObject(row, new Map(Object.entries(value)));
}

/** Undefined for what is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkObject(row: ImportRow, fields: ReadonlyMap<string, unknown>): void {
  if (isPlainPrompt(fields)) assert.ok(row.error === null || row.error.code === "MIXED_FORMS");
  if (row.error !== null) return;
  checkId(row, fields.get("custom_id") ?? fields.get("id"));
  const sent = JSON.parse(compileRequest(requestSettings())(row.row, null).body);
  // As texts: comparing values descends, and they may be deep.
  assert.equal(JSON.stringify(sent.messages), JSON.stringify(messagesOf(fields)));
}

function messagesOf(fields: ReadonlyMap<string, unknown>): unknown {
  const batched = fields.get("body") ?? fields.get("params");
  if (fields.has("custom_id") && isObject(batched)) return batched.messages;
  return fields.get("messages") ?? [{ role: "user", content: fields.get("prompt") }];
}

/** A row with nothing in it that could be wrong. */
function isPlainPrompt(fields: ReadonlyMap<string, unknown>): boolean {
  const { prompt, id = "x", ...others } = Object.fromEntries(fields) as Record<string, unknown>;
  const isGoodId = typeof id === "string" && id !== "" && !/\p{Surrogate}/u.test(id);
  return typeof prompt === "string" && prompt.trim() !== "" && isGoodId && Object.keys(others).length === 0;
}

/** A number is an id as it is written. */
function checkId({ key, row }: ImportRow, id: unknown): void {
  if (id === undefined || typeof id === "string") assert.equal(key, id ?? null);
  else assert.ok(Number(key) === id && row.includes(key!));
}
