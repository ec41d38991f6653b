import fc from "fast-check";
import { expect, test } from "vitest";
import { fromKept, toKept } from "../../../../src/store/postgres/kept-text.ts";

test("every text comes back as it went in, and goes in without a NUL", () => {
  const character = fc.constantFrom("\0", "\u001A", "0", "1", "a");
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join("");
      expect(toKept(text)).not.toContain("\0");
      expect(fromKept(toKept(text))).toBe(text);
    }),
  );
});
