import fc from "fast-check";
import { expect, test } from "vitest";
import { givenIds, inputPieces } from "../../../../src/store/postgres/copied-rows.ts";
import { importRow } from "../../../helpers/stored-run.ts";

const SHARING = { dedupe: false, reuse: false };

test("given ids are read back with their lines, whatever stands in rows and wherever pieces end", () => {
  const text = fc.string({ unit: fc.constantFrom("\0", "\u001A", "\\", "\t", "a", "é", "\u{1F600}") });
  const key = fc.option(text.filter((characters) => characters !== ""));
  const row = fc.tuple(text, fc.nat(40_000)).map(([characters, times]) => characters.repeat(times % 5_000));
  fc.assert(
    fc.property(fc.array(fc.record({ key, row }), { maxLength: 30 }), fc.nat(3), (given, source) => {
      const rows = given.map((wanted, at) => importRow(2 ** 33 + at, wanted));
      const batch = { run: 2 ** 20, samples: 1, sharing: SHARING, source, firstOrdinal: 1, rows };
      const expected = rows.flatMap(({ key, line }) => (key === null ? [] : [{ key, source, line }]));
      expect([...givenIds(inputPieces(batch))]).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
