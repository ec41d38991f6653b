import fc from "fast-check";
import { anyCharacter } from "../helpers/any-character.ts";

const space = fc.constantFrom("", "", "", " ", "\t", "  ");

/** Numbers as texts: more digits than a double holds, zeros at the end, exponents out of range. */
const numberText = fc.oneof(
  fc.constantFrom("0", "-0", "1.0", "1e5", "1E+400", "-1e-400", "0.10"),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
);

/** A string's JSON text, its characters partly written as escapes. */
const stringText = fc
  .array(
    fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
      fc.constantFrom(
        "\\u0041",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\udc00",
        '\\"',
        "\\\\",
        "\\/",
        "{",
        "]",
        "\\u0000",
      ),
    ),
    { maxLength: 5 },
  )
  .map((parts) => `"${parts.join("")}"`);

/** The JSON text of any value, laid out anyhow. */
const valueText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("true", "false", "null"),
    stringText,
    numberText,
    fc
      .array(fc.tuple(space, tie("value"), space), { maxLength: 4 })
      .map((items) => `[${items.map((item) => item.join("")).join(",")}]`),
    fc.array(fc.tuple(stringText, tie("value")), { maxLength: 3 }).map((members) => objectText(members)),
    fc
      .tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom(["[", "]"], ['{"a":', "}"]))
      .map(
        ([depth, [open, close]]) => open!.repeat(depth) + (open === "[" ? "" : "1") + close!.repeat(depth),
      ),
  ),
})).value;

type Member = [name: string, value: string];

function objectText(members: readonly Member[], gap = ""): string {
  return `{${members.map(([name, value]) => `${gap}${name}${gap}:${gap}${value}${gap}`).join(",")}}`;
}

/** Members of an object, as JSON texts; names may come twice, and be one of those given. */
export function jsonMembers(names: readonly string[]): fc.Arbitrary<Member[]> {
  const name = fc.oneof(
    fc.constantFrom(...names).map((known) => JSON.stringify(known)),
    stringText,
  );
  return fc.array(fc.tuple(name, valueText), { maxLength: 5 });
}

/** An object's JSON text. */
export function jsonObject(names: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(jsonMembers(names), space).map(([members, gap]) => objectText(members, gap));
}

export { objectText };
