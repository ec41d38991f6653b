import assert from "node:assert/strict";
import fc from "fast-check";
import { LlmBatchError } from "../../src/domain/errors.ts";
import { parseRow } from "../../src/request/parse-row.ts";
import { RowError } from "../../src/request/row-error.ts";
import { compileTemplate } from "../../src/request/template.ts";
import { anyCharacter } from "../helpers/any-character.ts";
import type { Fuzz } from "./fuzz.ts";
import { jsonMembers, objectText } from "./json-text.ts";

const NAMES = ["a", "b", "größe", "My column", "__proto__", "}}", "{{a}}", '"'];
const PLAIN = /^[\p{L}\p{N}_-]+$/u;

const members = jsonMembers(NAMES);
const fragment = fc.oneof(
  fc.constantFrom(
    "{",
    "}",
    "{{",
    "}}",
    "\\",
    '"',
    "a",
    " ",
    "\n",
    "{{a}}",
    "{{ b }}",
    '{{"',
    "\\{{",
    "$&",
    "\\u0041",
  ),
  fc.string({ unit: anyCharacter, maxLength: 5 }),
);

/** Text that opens no slot, alone or together with one that follows. */
const plainText = fc.array(fragment, { maxLength: 4 }).map((parts) =>
  parts
    .join("")
    .replaceAll("{{", "")
    .replace(/[{\\]+/g, ""),
);

/** Parts whose rendering is known: text, the escape, and slots of the row's fields in either way of writing. */
type Part = { text: string; slot: null } | { text: null; slot: number; gap: string; quote: boolean };

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.oneof(plainText, fc.constant("\\{{")).map((text): Part => ({ text, slot: null })),
  fc
    .record({ slot: fc.nat(), gap: fc.constantFrom("", " ", "\n\t"), quote: fc.boolean() })
    .map((slot): Part => ({ text: null, ...slot })),
);

export const templateParts: Fuzz = (parameters) =>
  fc.assert(
    fc.property(members, fc.array(part, { maxLength: 6 }), (written, parts) => {
      const texts = [...new Map(written.map(([name, text]) => [JSON.parse(name) as string, text]))];
      const fields = texts.filter(([name]) => name !== "");
      fc.pre(fields.length > 0);
      let template = "";
      let expected = "";
      for (const { text, ...slot } of parts) {
        const [name, value] = fields[(slot.slot ?? 0) % fields.length]!;
        template += text ?? slotText(name, slot as { gap: string; quote: boolean });
        expected += text === null ? shown(value) : text.replace("\\{{", "{{");
      }
      assert.equal(compileTemplate(template).render(parseRow(objectText(written))), expected);
    }),
    parameters,
  );

export const anyTemplate: Fuzz = (parameters) =>
  fc.assert(
    fc.property(members, fc.array(fragment), (written, fragments) => {
      const text = fragments.join("");
      try {
        compileTemplate(text).render(parseRow(objectText(written)));
      } catch (error) {
        if (error instanceof LlmBatchError) assert.match(error.message, /at line \d+, column \d+: /);
        else assert.ok(error instanceof RowError && error.code === "UNKNOWN_FIELD", String(error));
      }
    }),
    parameters,
  );

function slotText(name: string, { gap, quote }: { gap: string; quote: boolean }): string {
  return `{{${gap}${quote || !PLAIN.test(name) ? JSON.stringify(name) : name}${gap}}}`;
}

/** Strings as they are, anything else as it is written. */
function shown(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}
