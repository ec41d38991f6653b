import fc from "fast-check";
import { expect, test } from "vitest";
import { RowPacker, unpackRows } from "../../../src/input/packed-rows.ts";
import type { ImportRow } from "../../../src/ports/import.ts";

const MOST_ROWS = 20;
const text = fc.string({ unit: "grapheme" });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const row: fc.Arbitrary<ImportRow> = fc.record({
  key: maybe(text),
  line: fc.nat(2 ** 40),
  row: fc.tuple(text, fc.nat(1_000)).map(([part, times]) => part.repeat(times)),
  model: maybe(text),
  group: maybe(text),
  charge: maybe(fc.record({ inputTokens: fc.nat(2 ** 40), outputTokens: fc.nat() })),
  requestHash: maybe(fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes))),
  error: maybe(fc.record({ code: text, message: text })),
});

test("rows are unpacked as they were packed, batch after batch", () => {
  const batches = fc.array(fc.array(row, { maxLength: MOST_ROWS }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(batches, (all) => {
      const packer = new RowPacker(MOST_ROWS);
      for (const [source, rows] of all.entries()) {
        for (const one of rows) packer.add(one);
        expect(packer.rows).toBe(rows.length);
        const packed = structuredClone(packer.take(source));
        expect(packed.source).toBe(source);
        expect(unpackRows(packed).rows).toEqual(rows);
      }
    }),
  );
});

test("a text of many megabytes is unpacked as it was", () => {
  const packer = new RowPacker(MOST_ROWS);
  const long = { key: "é", line: 7, model: null, group: null, charge: null, requestHash: null, error: null };
  const rows = ["ü".repeat(5_000_000), "short"].map((row) => ({ ...long, row }));
  for (const one of rows) packer.add(one);
  const { rows: unpacked, characters } = unpackRows(packer.take(0));
  expect(unpacked.map(({ row }) => row === rows[0]!.row || row)).toEqual([true, "short"]);
  expect(characters).toBe(5_000_000 + "short".length + 2);
});
