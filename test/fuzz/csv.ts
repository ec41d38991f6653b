import assert from "node:assert/strict";
import fc from "fast-check";
import type { LlmBatchError } from "../../src/domain/errors.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import { anyCharacter } from "../helpers/any-character.ts";
import { anyBytes, cutAt, cuts, mutated } from "./bytes.ts";
import { CsvOracle, type OracleRecord, type OracleTable } from "./csv-oracle.ts";
import type { Fuzz } from "./fuzz.ts";
import { comparable, readRows } from "./read-rows.ts";

const format = fc.constantFrom("csv" as const, "tsv" as const);

const cell = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", '"', '""', ",", "\t", "\n", "\r\n", "\r", " ", "\0", "\ufeff", "a\rb"),
  },
  { weight: 1, arbitrary: fc.string({ unit: anyCharacter, minLength: 1_000, maxLength: 3_000 }) },
);

const columnName = fc.oneof(
  fc.constantFrom("prompt", "id", "__proto__", "constructor", "My column", "1", "0"),
  fc.string({ unit: "grapheme" }),
);

/** Fields and how they are written: always in quotes or only where they must be. */
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    header: fc.uniqueArray(columnName, { minLength: width, maxLength: width }),
    records: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }),
    quoteAll: fc.boolean(),
    lineEnd: fc.constantFrom("\n", "\r\n"),
    bom: fc.constantFrom("", "\ufeff"),
  }),
);

export const csvFile: fc.Arbitrary<Buffer> = fc
  .tuple(table, fc.constantFrom(",", "\t"))
  .map(([{ header, records, quoteAll, lineEnd, bom }, delimiter]) => {
    const write = (field: string): string => (quoteAll || /["\t,\r\n]/.test(field) ? quoted(field) : field);
    const lines = [header, ...records].map((fields) => fields.map(write).join(delimiter) + lineEnd);
    return Buffer.from(bom + lines.join(""));
  });

const anyFile = fc.oneof(anyBytes, csvFile, mutated(csvFile));

export const csvTables: Fuzz = (parameters) =>
  fc.assert(
    fc.asyncProperty(anyFile, format, async (bytes, kind) => {
      const read = await readRows(kind, cutAt(bytes, []));
      const expected = new CsvOracle(bytes, kind).read();
      const [header, ...records] = expected.records.filter((record) => !isBlank(record));
      if (read.error) {
        checkRefusal(read.error, expected, kind, header);
        return;
      }
      assert.equal(expected.brokenAt, null);
      assert.deepEqual(read.columns, header?.fields ?? null);
      assert.equal(read.rows.length, records.length);
      for (const [index, row] of read.rows.entries()) checkRow(row, records[index]!, header!.fields);
    }),
    parameters,
  );

export const csvChunks: Fuzz = (parameters) =>
  fc.assert(
    fc.asyncProperty(anyFile, format, cuts, async (bytes, kind, places) => {
      const whole = await readRows(kind, cutAt(bytes, []));
      assert.deepEqual(comparable(await readRows(kind, cutAt(bytes, places))), comparable(whole));
    }),
    parameters,
  );

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

function isBlank({ fields }: OracleRecord): boolean {
  return fields.length === 1 && fields[0]!.trim() === "";
}

/** A file is refused for its header, or for what can't be read on; never for less, and with its line. */
function checkRefusal(
  { code, message }: LlmBatchError,
  table: OracleTable,
  kind: "csv" | "tsv",
  header?: OracleRecord,
): void {
  const line = Number(/^in\.[ct]sv:(\d+): /.exec(message)?.[1]);
  const expected = code === "BAD_CSV" ? { code, line: table.brokenAt } : faultOf(header!, kind);
  assert.deepEqual({ code, line }, expected);
}

function faultOf({ fields, isUtf8, line }: OracleRecord, kind: "csv" | "tsv"): unknown {
  if (!isUtf8) return { code: "BAD_ENCODING", line };
  const others = kind === "csv" ? /[;\t|]/ : /[;,|]/;
  const isDoubtful = fields.length === 1 && others.test(fields[0]!);
  if (isDoubtful || /^sep=.?$/i.test(fields.join(","))) return { code: "BAD_HEADER", line };
  const isBad = new Set(fields).size < fields.length || fields.some((name) => name.trim() === "");
  return isBad ? { code: "BAD_HEADER", line } : null;
}

function checkRow(row: ImportRow, { line, fields, isUtf8 }: OracleRecord, header: readonly string[]): void {
  assert.equal(row.line, line);
  const isRagged = fields.length !== header.length;
  const value: unknown = JSON.parse(row.row);
  assert.deepEqual(
    isRagged ? value : Object.entries(value as object),
    isRagged ? fields : entries(header, fields),
  );
  const code = row.error?.code ?? null;
  if (!isUtf8) assert.equal(code, "BAD_ENCODING");
  else if (isRagged) assert.equal(code, "RAGGED_ROW");
  else if (fields.every((field) => field === "")) assert.equal(code, "EMPTY_ROW");
  else if (header.join() === "prompt" && fields[0]!.trim() !== "") assert.equal(code, null);
}

/** In the order of the header, but as in any object of JavaScript: names that are whole numbers first. */
function entries(header: readonly string[], fields: readonly string[]): [string, string][] {
  return Object.entries(Object.fromEntries(header.map((name, index) => [name, fields[index]!])));
}
