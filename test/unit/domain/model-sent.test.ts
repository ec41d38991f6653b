import { expect, test } from "vitest";
import { modelSent } from "../../../src/domain/model-sent.ts";
import type { Target } from "../../../src/domain/request.ts";

const target = (wanted: Partial<Target>): Target => ({
  name: "a",
  provider: null,
  isNamed: false,
  baseUrl: "https://a.example/v1",
  apiKeyEnv: null,
  model: "own",
  models: null,
  everyModel: false,
  api: "chat",
  ...wanted,
});

test("a model goes out under the name that the endpoint has for it, and no other is served", () => {
  const served = target({ models: { fast: "fast-2026" } });
  expect(modelSent(served, "fast")).toBe("fast-2026");
  for (const named of ["slow", "constructor", "__proto__"]) expect(modelSent(served, named)).toBeUndefined();
});

test("a row that names none, and one for an endpoint of one model, goes out as the endpoint's own", () => {
  expect(modelSent(target({ models: {} }), null)).toBe("own");
  expect(modelSent(target({ everyModel: true }), "fast")).toBe("own");
  expect(modelSent(target({}), "fast")).toBe("fast");
});
