import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";

const SIM = ["--provider", "sim"];
const NOT_SENT = /^.*not sent, though it looks like a setting.*$/m;

/** What is told of fields that are not sent; null where nothing is. */
async function noted(name: string, content: string, flags: string[] = [], command = runHere) {
  const cwd = tempFolder();
  writeFileSync(join(cwd, name), content);
  const { code, stderr } = await command(["run", name, ...SIM, ...flags, "-o", "out.jsonl"], { cwd });
  expect(code, stderr).toBe(0);
  return NOT_SENT.exec(stderr)?.[0] ?? null;
}

const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("fields that look like settings are told of once, with their rows and the ways to send them", async () => {
  const rows = [
    { prompt: "a", top_p: 0.5, seed: 1, topic: "x", temperature: 0, max_tokens: 5, model: "m" },
    { prompt: "b", top_p: 0.6, seed: null, reasoning: "because", system: "Be brief." },
  ];
  expect(await noted("rows.jsonl", lines(...rows), [], runCli)).toMatch(
    /: top_p \(2 rows\), seed \(1 row\), system \(1 row\); --param-fields top_p,seed sends .*--param .*; --system '\{\{system\}\}' sends system$/,
  );
});

test("so are those of a table, but for empty cells", async () => {
  const csv = "id,prompt,top_p,seed,response_format\na,Hi,0.9,,\nb,Ho,,,\n";
  expect(await noted("rows.csv", csv)).toMatch(/: top_p \(1 row\); --param-fields top_p sends/);
});

test.each([
  ["the template shows them", { question: "a", top_p: 1 }, ["--template", "{{question}} {{top_p}}"]],
  ["the system prompt shows them", { prompt: "a", system: "b" }, ["--system", "{{system}}"]],
  ["they are the prompt", { instructions: "a" }, ["--prompt-field", "instructions"]],
  ["they are sent", { prompt: "a", top_p: 1 }, ["--param-fields", "top_p"]],
  [
    "tools stand beside messages",
    {
      messages: [{ role: "user", content: "a" }],
      tools: [{ type: "function", function: { name: "f" } }],
      tool_choice: "auto",
    },
    [],
  ],
  [
    "the line is a batch's",
    {
      custom_id: "a",
      url: "/v1/chat/completions",
      body: { model: "m", messages: [{ role: "user", content: "a" }], top_p: 1 },
      seed: 1,
    },
    [],
  ],
  ["they hold data", { prompt: "a", reasoning: "b", n: 1, user: "c", metadata: {} }, []],
])("nothing is told where %s", async (_when, row, flags) => {
  expect(await noted("rows.jsonl", lines(row), flags)).toBeNull();
});

test("tools beside a prompt are told of, as they go with messages alone", async () => {
  const row = { prompt: "a", tools: [{ type: "function", function: { name: "f" } }] };
  expect(await noted("rows.jsonl", lines(row))).toContain("tools (1 row)");
});

test("plan tells of them too, and of a field that no row has", async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "rows.jsonl"), lines({ prompt: "a", seed: 1 }));
  const { stdout } = await runCli(["plan", "rows.jsonl", ...SIM, "--param-fields", "top_q"], { cwd });
  expect(stdout).toContain("--param-fields: no row has top_q");
  expect(stdout.replace(/\s+/g, " ")).toContain("seed (1 row); --param-fields seed sends what each row has");
});

test("a large file, which a thread reads, is counted as well", async () => {
  const row = lines({ prompt: "a", top_p: 1, note: "x".repeat(1_000_000) });
  const flags = ["--range", "1:9"];
  expect(await noted("rows.jsonl", row.repeat(9), flags, runCli)).toContain("top_p (9 rows)");
});
