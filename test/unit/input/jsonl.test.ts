import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonl } from "../../../src/input/jsonl.ts";
import { chunksOf, collect } from "../../helpers/chunks.ts";

const read = (content: string | Buffer, chunkBytes?: number, maxLineBytes?: number) =>
  collect(readJsonl(chunksOf(content, chunkBytes), maxLineBytes));

const good = (line: number, text: string) => ({ line, text, error: null });

describe("reading JSON lines", () => {
  test("counts lines from 1 and skips those with nothing in them", async () => {
    expect(await read("\n{}\n \t\n\n[]\n")).toEqual([good(2, "{}"), good(5, "[]")]);
  });

  test("reads a last line without a newline", async () => {
    expect(await read("{}\n[]")).toEqual([good(1, "{}"), good(2, "[]")]);
  });

  test("drops a BOM at the start, in whatever pieces it comes", async () => {
    const content = Buffer.from("\ufeff{}\n[]\n");
    for (const chunkBytes of [1, 2, 3, 4, 100]) {
      expect(await read(content, chunkBytes)).toEqual([good(1, "{}"), good(2, "[]")]);
    }
  });

  test("takes CRLF for a line end", async () => {
    const records = await read('{"a":1}\r\n\r\n{"a":2}\r\n');
    expect(records.map(({ line, text }) => [line, text.trim()])).toEqual([
      [1, '{"a":1}'],
      [3, '{"a":2}'],
    ]);
  });

  test("an empty input has no records", async () => {
    expect(await read("")).toEqual([]);
    expect(await read("\ufeff")).toEqual([]);
    expect(await read("\n\n")).toEqual([]);
  });

  test("finds the lines that are not UTF-8 and reads on", async () => {
    const content = Buffer.concat([
      Buffer.from("{}\n\n"),
      Buffer.from('"caf\xe9"\n', "latin1"),
      Buffer.from("[]\n"),
    ]);
    for (const chunkBytes of [1, 3, 100]) {
      const error = { code: "BAD_ENCODING", message: "the line is not valid UTF-8" };
      expect(await read(content, chunkBytes)).toEqual([
        good(1, "{}"),
        { line: 3, text: '"\\"caf\ufffd\\""', error },
        good(4, "[]"),
      ]);
    }
  });

  test("refuses a line over the limit, keeps its beginning as JSON, and reads on", async () => {
    const records = await read(`{}\n"${"x".repeat(5_000)}"\n[]\n`, 50, 1_000);
    expect(records.map(({ line, error }) => [line, error?.code])).toEqual([
      [1, undefined],
      [2, "LINE_TOO_LONG"],
      [3, undefined],
    ]);
    expect(JSON.parse(records[1]!.text)).toMatch(/^"x{199}…$/);
  });

  test("refuses a last line over the limit that never ends", async () => {
    const records = await read(`{}\n${"x".repeat(5_000)}`, 50, 1_000);
    expect(records.map(({ line, error }) => [line, error?.code])).toEqual([
      [1, undefined],
      [2, "LINE_TOO_LONG"],
    ]);
  });

  test("gives any rows back byte for byte, however they are cut", async () => {
    const rows = fc.array(fc.json({ stringUnit: "grapheme" }));
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom("\n", "\r\n"),
        async (rows, size, end) => {
          const records = await read(rows.map((row) => row + end).join(""), size);
          expect(records).toEqual(rows.map((row, index) => good(index + 1, end === "\n" ? row : `${row}\r`)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
