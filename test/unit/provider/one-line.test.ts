import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine } from "../../../src/provider/one-line.ts";
import { anyCharacter } from "../../helpers/any-character.ts";

test("escapes, control characters and line breaks go", () => {
  expect(
    oneLine("\u001b[31mred\u001b[0m\r\n\tnext\u0007 \u202eline\u001b]8;;http://x\u0007link\u001b]8;;\u0007"),
  ).toBe("red next linelink");
});

test("whatever comes, one line of at most 1,000 characters is left", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 3_000 }), (text) => {
      const line = oneLine(text);
      expect(line.length).toBeLessThanOrEqual(1_000);
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
    { numRuns: 500 },
  );
});

test("a long message says that it was cut", () => {
  expect(oneLine("x".repeat(5_000))).toBe(`${"x".repeat(999)}…`);
});
