import assert from "node:assert/strict";
import fc from "fast-check";
import { memberText, memberTexts } from "../../src/domain/raw-json.ts";
import type { Fuzz } from "./fuzz.ts";
import { jsonMembers, objectText } from "./json-text.ts";

const NAMES = ["a", "b", "1", "2", "__proto__", "constructor", ""];

export const rawJson: Fuzz = (parameters) =>
  fc.assert(
    fc.property(jsonMembers(NAMES), fc.constantFrom("", " ", "\r\n\t "), (members, gap) => {
      const json = objectText(members, gap);
      const texts = memberTexts(json);
      const written = new Map(members.map(([name, value]) => [JSON.parse(name) as string, value]));
      assert.deepEqual(new Map(texts), written);
      for (const name of [...NAMES, "other"]) assert.equal(memberText(json, name), texts.get(name));
      // As texts: comparing values descends, and they may be deep.
      for (const [name, value] of Object.entries(JSON.parse(json)))
        assert.equal(JSON.stringify(JSON.parse(texts.get(name)!)), JSON.stringify(value));
    }),
    parameters,
  );
