import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../src/config/config-schema.ts";
import { PRESETS } from "../../src/provider/presets.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/ENDPOINTS.md"), "utf8");

function block(kind: string, index: number): string {
  return [...PAGE.matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, "g"))][index]![1]!;
}

/** A folder with the page's config and prices, and rows of two teams. */
function folder(): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "llm-batch.yaml"), block("yaml", 0));
  writeFileSync(join(cwd, "prices.yaml"), block("yaml", 1));
  const rows = Array.from({ length: 60 }, (_, at) => ({
    prompt: `Row ${at}`,
    team: at % 2 ? "research" : "sales",
  }));
  writeFileSync(join(cwd, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  return cwd;
}

test("the page's config is one that the schema takes", () => {
  const check = new Ajv2020({ strict: false }).compile(configSchema());
  expect(check(parse(block("yaml", 0))), JSON.stringify(check.errors)).toBe(true);
});

test("its plan needs no key, and knows the cost of every endpoint of the pool", async () => {
  const args = block("sh", 0).trim().split(" ").slice(1);
  const { code, stdout, stderr } = await runCli([...args, "--json"], { cwd: folder() });
  expect(code, stderr).toBe(0);
  const { rows, cost_usd, models } = JSON.parse(stdout);
  expect(rows).toBe(60);
  expect(cost_usd.most).toBeGreaterThan(0);
  expect(new Set(models.map(({ endpoint }: { endpoint: string }) => endpoint)).size).toBe(4);
});

test("its run asks for the first key that is missing", async () => {
  const { code, stderr } = await runCli(["run", "rows.jsonl"], {
    cwd: folder(),
    env: { OPENAI_API_KEY: "k" },
  });
  expect(stderr).toMatch(/^MISSING_KEY: no key for team-b: .*TEAM_B_OPENAI_KEY/);
  expect(code).toBe(2);
});

test("every provider stands in the page's table", () => {
  const named = PRESETS.map(({ name }) => name).filter((name) => name !== "sim");
  expect(named.filter((name) => !new RegExp(`^\\|.*\\b${name}\\b`, "m").test(PAGE))).toEqual([]);
});
