import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { configSchema } from "../../../src/config/config-schema.ts";

const PATH = join(import.meta.dirname, "../../../llm-batch.schema.json");

test("the published schema is the one the settings make", () => {
  const text = `${JSON.stringify(configSchema(), null, 2)}\n`;
  if (process.env.UPDATE_DOCS) writeFileSync(PATH, text);
  expect(readFileSync(PATH, "utf8")).toBe(text);
});

test("the schema takes what the config file takes, and nothing else", () => {
  const check = new Ajv2020({ strict: false }).compile(configSchema());
  const good = {
    provider: "sim",
    rpm: "10_000",
    timeout: "30s",
    param: { seed: 1 },
    pool: ["first", "second"],
    endpoints: { first: { provider: "openai", rpm: 500, models: { a: "b" } } },
    budgets: { red: { "max-cost": 0.5, "tokens-per-day": "10_000" }, "*": { "max-cost": 1 } },
  };
  expect(check(good)).toBe(true);
  expect(check(null)).toBe(true);
  for (const bad of [
    { rmp: 1 },
    { timeout: "soon" },
    { endpoints: { first: { url: "x" } } },
    { budgets: { red: { cost: 1 } } },
  ]) {
    expect(check(bad), JSON.stringify(bad)).toBe(false);
  }
});
