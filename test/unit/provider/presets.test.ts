import { expect, test } from "vitest";
import { endpointUrl } from "../../../src/provider/endpoint-url.ts";
import { findPreset, PRESETS } from "../../../src/provider/presets.ts";
import { WIRE_FORMS } from "../../../src/provider/wire/wire-forms.ts";

test("every preset has a name of its own", () => {
  expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
});

test.each(PRESETS)("$name can be used", ({ name, baseUrl, baseUrlEnv, keyEnv, needsKey, api }) => {
  expect(findPreset(name)?.name).toBe(name);
  const form = WIRE_FORMS[api];
  if (baseUrl)
    expect(endpointUrl(baseUrl, form.path, form.baseUrl).pathname).toMatch(
      /^(?:\/[^/]+)+\/(chat\/completions|messages)$/,
    );
  else expect(baseUrlEnv !== null || name === "sim").toBe(true);
  expect(needsKey && keyEnv === null).toBe(false);
});

test("a name that is none of ours is found nowhere", () => {
  expect(findPreset("openia")).toBeNull();
  expect(findPreset(null)).toBeNull();
});
