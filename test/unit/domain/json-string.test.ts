import fc from "fast-check";
import { expect, test } from "vitest";
import { insideJsonString, jsonBytes, jsonString } from "../../../src/domain/json-string.ts";
import { anyCharacter } from "../../helpers/any-character.ts";

test("a text is written as JSON.stringify writes it, and is counted so, half characters and all", () => {
  const codeUnits = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));
  const text = fc.oneof(fc.string(), fc.string({ unit: anyCharacter }), codeUnits);
  fc.assert(
    fc.property(text, (value) => {
      const json = JSON.stringify(value);
      expect(jsonString(value)).toBe(json);
      expect(insideJsonString(value)).toBe(json.slice(1, -1));
      expect(jsonBytes(value, json)).toBe(Buffer.byteLength(json));
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
