import { describe, expect, it } from "vitest";
import { parseEndpoints } from "../../../src/config/endpoints.ts";

describe("the config file's endpoints", () => {
  it("have an address, models and a pace of their own", () => {
    const json = JSON.stringify({
      eu: {
        provider: "azure",
        "base-url": "https://eu.example",
        rpm: "1_000",
        timeout: "30s",
        models: { a: "b" },
      },
    });
    expect(parseEndpoints(json).get("eu")).toEqual({
      address: {
        provider: "azure",
        baseUrl: "https://eu.example",
        model: null,
        api: null,
        apiKeyEnv: null,
      },
      models: { a: "b" },
      pace: { rpm: 1_000, timeout: 30_000 },
    });
  });

  it.each([
    ["[]", "expected a map of names to settings"],
    ['{"a b":{}}', '"a b": a name has letters'],
    ['{"a":1}', "a: expected a map of settings"],
    ['{"a":{"rmp":1}}', 'a: unknown setting "rmp", did you mean "rpm"?'],
    ['{"a":{"rpm":"fast"}}', 'a: rpm: expected a whole number, 1 or more, got "fast"'],
    ['{"a":{"rpm":{}}}', "a: rpm: expected one value"],
    ['{"a":{"models":["m"]}}', "a: models: expected a map"],
    ['{"a":{"max-attempts":3}}', 'a: unknown setting "max-attempts"'],
  ])("%s is refused with its place", (json, message) => {
    expect(() => parseEndpoints(json)).toThrow(message);
  });
});
