import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJsonError } from "../../../src/request/json-error.ts";

describe("the first character that makes a text invalid JSON", () => {
  test.each([
    ['{"a":1,}', 7],
    ['{"a":x}', 5],
    ["{a:1}", 1],
    ["{'a':1}", 1],
    ['{"a" 1}', 5],
    ['{"a":1 "b":2}', 7],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["[1}", 2],
    ['{"a":NaN}', 5],
    ['{"a":01}', 5],
    ['{"a":1.}', 5],
    ['{"a":tru}', 5],
    ['{"a":"\\x"}', 6],
    ['{"a":"\\u12"}', 6],
    ['{"a":"tab\there"}', 9],
    ["{} {}", 3],
    ['{"a":1}]', 7],
    ['{"a":\u00001}', 5],
    ["\ufeff{}", 0],
    ["]", 0],
  ])("%j: %i", (text, index) => {
    expect(findJsonError(text)).toBe(index);
  });

  test.each(["", "  ", "{", '{"a"', '{"a":', '{"a":1', '{"a":"b', "[", "[1,"])(
    "%j ends too early",
    (text) => {
      expect(findJsonError(text)).toBe(text.length);
    },
  );

  test("there is none in any valid JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(findJsonError(text)).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  test("what stands before it can go on as valid JSON, and with it cannot", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("}", "]", ",", ":", '"', "x", "\\", "\n"),
        (json, at, odd) => {
          const place = at % (json.length + 1);
          const text = json.slice(0, place) + odd + json.slice(place);
          fc.pre(!isJson(text));
          const found = findJsonError(text);
          // The same prefix is no error: only what follows is.
          expect(findJsonError(text.slice(0, found))).toBe(found);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
