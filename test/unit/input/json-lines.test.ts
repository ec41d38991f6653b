import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonLines } from "../../../src/input/json-lines.ts";
import { readJsonl } from "../../../src/input/jsonl.ts";
import { chunksOf, collect } from "../../helpers/chunks.ts";

const read = async (content: string | Buffer, chunkBytes?: number) =>
  (await collect(readJsonl(jsonLines(chunksOf(content, chunkBytes))))).map(({ line, text }) => [
    line,
    text.trim(),
  ]);

const parsed = async (content: string, chunkBytes?: number) =>
  (await read(content, chunkBytes)).map(([, text]) => JSON.parse(String(text)));

describe("a JSON document as lines", () => {
  const elements = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 8 });
  const wrapped: [what: string, wrap: (rows: unknown[], space: string | number) => string][] = [
    ["a list", (rows, space) => JSON.stringify(rows, null, space)],
    ["a whole batch", (rows, space) => ` ${JSON.stringify({ requests: rows }, null, space)}\n`],
    [
      "values one after the other",
      (rows, space) => rows.map((row) => JSON.stringify(row, null, space)).join("\n"),
    ],
  ];

  test.each(wrapped)("%s gives its elements, however it is laid out and cut", async (_what, wrap) => {
    const spaces = fc.constantFrom(0, 2, "\t");
    await fc.assert(
      fc.asyncProperty(
        elements,
        spaces,
        fc.integer({ min: 1, max: 9_000 }),
        async (rows, space, chunkBytes) => {
          expect(await parsed(wrap(rows, space), chunkBytes)).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
    );
  });

  test("goes on past the bytes that it is told by", async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ id: index, prompt: 'a [ { " , \\' }));
    for (const chunkBytes of [1_000, 4_096, 65_536]) {
      expect(await parsed(JSON.stringify(rows, null, 1), chunkBytes)).toEqual(rows);
    }
  });

  test("keeps every token as it stands, and numbers the elements", async () => {
    const text = '\ufeff[\r\n  {"n": 12345678901234567890,\n "a": "x\\n,]"},\n  {"é": 1.0}\n]';
    expect(await read(text, 3)).toEqual([
      [1, '{"n": 12345678901234567890,  "a": "x\\n,]"}'],
      [2, '{"é": 1.0}'],
    ]);
  });

  test("has nothing for an empty list", async () => {
    expect(await read("[]")).toEqual([]);
    expect(await read('{"requests": [ ]}')).toEqual([]);
  });

  test.each([
    ["is cut off after an element", '[{"a":1}', '{"a":1}', "["],
    ["is cut off after a comma", '[{"a":1},', '{"a":1}', "["],
    ["is cut off in an element", '[{"a":', '{"a":', "["],
    ["is closed by the wrong bracket", '[{"a":1}}', '{"a":1}}', "["],
    ["goes on after its end", '[{"a":1}] {"b":2}', '{"a":1}', '{"b":2}'],
    ["has a comma before its end", '[{"a":1} ,\n]', '{"a":1}', "]"],
    ["has a comma too many", '[{"a":1},,{"b":2}]', '{"a":1}', ",", '{"b":2}'],
    ["begins with a comma", '[ ,{"a":1}]', ",", '{"a":1}'],
    ["has such a comma in a batch", '{"requests":[{"a":1},]}', '{"a":1}', "]"],
    ["holds more than its requests", '{"requests":[{"a":1}],"b":2}', '{"a":1}', ',"b":2'],
  ])("of a document that %s nothing is lost", async (_what, text, ...lines) => {
    expect((await read(text)).map(([, line]) => line)).toEqual(lines);
  });
});
