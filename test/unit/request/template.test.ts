import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRow } from "../../../src/request/parse-row.ts";
import { compileTemplate } from "../../../src/request/template.ts";
import { anyCharacter } from "../../helpers/any-character.ts";

const render = (template: string, row: unknown): string =>
  compileTemplate(template).render(parseRow(typeof row === "string" ? row : JSON.stringify(row)));

describe("a template", () => {
  test.each([
    ["Hello {{name}}!", { name: "Ada" }, "Hello Ada!"],
    ["{{ name }}{{name}}", { name: "x" }, "xx"],
    ['{{"My column"}}', { "My column": "x" }, "x"],
    ['{{"a \\"b\\" }}"}}', { 'a "b" }}': "x" }, "x"],
    ["{{größe}}-{{日本}}", { größe: "1", 日本: "2" }, "1-2"],
    ["no fields, { } }} {", {}, "no fields, { } }} {"],
    ["\\{{name}} and {{name}}", { name: "x" }, "{{name}} and x"],
    ["{{a}}", { a: { b: [1, "x"] } }, '{"b":[1,"x"]}'],
    ["{{a}} {{b}} {{c}}", { a: true, b: null, c: [] }, "true null []"],
  ])("%j with %j gives %j", (template, row, expected) => {
    expect(render(template, row)).toBe(expected);
  });

  test("writes numbers as they stand in the row", () => {
    expect(render("{{n}} {{m}}", '{"n":12345678901234567890,"m":1.0}')).toBe("12345678901234567890 1.0");
  });

  test("never looks again at what it filled in", () => {
    expect(render("{{a}}{{b}}", { a: "{{b}}", b: "\\{{a}} $& $1" })).toBe("{{b}}\\{{a}} $& $1");
  });

  test("sees only the row's own fields", () => {
    for (const field of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(() => render(`{{${field}}}`, { a: 1 })).toThrow(
        expect.objectContaining({ code: "UNKNOWN_FIELD" }),
      );
      expect(render(`{{${field}}}`, `{"${field}":"own"}`)).toBe("own");
    }
  });

  test("names the unknown field, the fields there are, and the likely one", () => {
    expect(() => render("{{quesiton}}", { id: 1, question: "?" })).toThrow(
      'the template names the field "quesiton", the row has id, question; did you mean "question"?',
    );
  });

  test("lists at most 20 fields of a wide row", () => {
    const wide = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`column${index}`, index]));
    expect(() => render("{{zzz}}", wide)).toThrow(/column19 and 10 more$/);
  });

  test("says which fields it shows, each once", () => {
    expect(compileTemplate('{{a}}{{"b c"}}{{a}}').fields).toEqual(["a", "b c"]);
  });

  test("gives any text without opening braces back unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("{{"));
        expect(render(text, {})).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("fills in any field name and any text, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter, minLength: 1 }),
        fc.string({ unit: anyCharacter }),
        (name, value) => {
          const row = `{${JSON.stringify(name)}:${JSON.stringify(value)}}`;
          expect(render(`<{{${JSON.stringify(name)}}}>`, row)).toBe(`<${value}>`);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a broken template is refused with its place", () => {
  test.each([
    ["Hi {{name", 1, 4],
    ["one\ntwo {{ }}", 2, 5],
    ["{{a.b}}", 1, 1],
    ["{{a b}}", 1, 1],
    ['{{"a}}', 1, 1],
    ['{{""}}', 1, 1],
    ['{{"\\x"}}', 1, 1],
    ["{{{a}}}", 1, 1],
    ["{{a}", 1, 1],
    ["\\{{a}}\n{{", 2, 1],
  ])("%j at line %i, column %i", (template, line, column) => {
    const expected = {
      code: "BAD_TEMPLATE",
      message: expect.stringContaining(`line ${line}, column ${column}:`),
      hint: expect.stringContaining("{{field}}"),
    };
    expect(() => compileTemplate(template)).toThrow(expect.objectContaining(expected));
  });
});
