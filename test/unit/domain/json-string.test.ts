import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonString } from "../../../src/domain/json-string.ts";

test("a text is written as JSON.stringify writes it, half characters and all", () => {
  const codeUnits = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));
  const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), codeUnits);
  fc.assert(
    fc.property(text, (value) => {
      expect(jsonString(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 2_000 },
  );
});

test("and so is each character alone", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const char = String.fromCharCode(code);
    if (jsonString(char) !== JSON.stringify(char)) expect(jsonString(char)).toBe(JSON.stringify(char));
  }
});
