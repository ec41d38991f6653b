import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compactJson, elementTexts, memberTexts, textAt } from "../../../src/domain/raw-json.ts";
import { anyCharacter } from "../../helpers/any-character.ts";

describe("the members of a JSON object, as they stand", () => {
  test.each([
    ["{}", {}],
    [" { } ", {}],
    ['{"a":1}', { a: "1" }],
    ['{ "a" : 1.0 , "b":\t-2e+10\r}', { a: "1.0", b: "-2e+10" }],
    [
      '{"n":12345678901234567890,"z":[1, 2 ,{"}":"]"}]}',
      { n: "12345678901234567890", z: '[1, 2 ,{"}":"]"}]' },
    ],
    ['{"a":"\\"","b":"\\\\","c":"\\\\\\""}', { a: '"\\""', b: '"\\\\"', c: '"\\\\\\""' }],
    ['{"a\\u0062":true,"2":null,"1":false}', { ab: "true", "2": "null", "1": "false" }],
    ['{"a":1,"a":2}', { a: "2" }],
    ['{"":{"":""}}', { "": '{"":""}' }],
    ['{"__proto__":1}', JSON.parse('{"__proto__":"1"}')],
  ])("%j", (json, expected) => {
    expect(Object.fromEntries(memberTexts(json))).toEqual(expected);
  });

  test("keeps the order in which they were written", () => {
    expect([...memberTexts('{"2":0,"1":0,"b":0,"a":0}').keys()]).toEqual(["2", "1", "b", "a"]);
  });

  test("gives for any object, however it is laid out, texts that parse to its values", () => {
    const layouts = fc.constantFrom(undefined, 1, "\t", "\n");
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue()),
        layouts,
        (object, space) => {
          const texts = memberTexts(JSON.stringify(object, null, space));
          const parsed = [...texts].map(([name, text]) => [name, JSON.parse(text)]);
          expect(new Map(parsed as [string, unknown][])).toEqual(
            new Map(Object.entries(JSON.parse(JSON.stringify(object)))),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("goes a million levels deep", () => {
    const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
    expect(memberTexts(`{"a":${deep},"b":1}`).get("b")).toBe("1");
  });

  test("takes a row of 16 MB, quotes and backslashes included", () => {
    const value = JSON.stringify([{ text: '\\"'.repeat(4_000_000) }]);
    expect(memberTexts(`{"a":${value},"b":1}`).get("a")).toHaveLength(value.length);
  });
});

describe("the elements of a JSON array, as they stand", () => {
  test.each([
    ["[]", []],
    [" [ ] ", []],
    ["[1]", ["1"]],
    ['[ 1.0 ,\n"],[" , [ 2, 3 ] , {"]": 1} ,null ]', ["1.0", '"],["', "[ 2, 3 ]", '{"]": 1}', "null"]],
  ])("%j", (json, expected) => {
    expect(elementTexts(json)).toEqual(expected);
  });

  test("are found at the end of a path", () => {
    const json = '{"a": [0, {"b": [1.0, 12345678901234567890]}]}';
    expect(textAt(json, ["a", 1, "b", 1])).toBe("12345678901234567890");
    expect(textAt(json, [])).toBe(json);
  });
});

describe("compact JSON", () => {
  test("loses the space between tokens, and only that", () => {
    expect(compactJson(' { "a b" : [ 1.0 ,\r\n\t-2e+10 , " \\" ] " ] } \n')).toBe(
      '{"a b":[1.0,-2e+10," \\" ] "]}',
    );
    expect(compactJson("  7 ")).toBe("7");
  });

  test("is what JSON.stringify writes, for any value however it is laid out", () => {
    const layouts = fc.constantFrom(undefined, 1, "\t", "\n");
    fc.assert(
      fc.property(fc.jsonValue(), layouts, (value, space) => {
        expect(compactJson(JSON.stringify(value, null, space))).toBe(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
