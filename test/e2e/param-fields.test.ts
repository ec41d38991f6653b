import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { echo, oddProvider } from "../helpers/odd-provider.ts";

test("columns of a table are sent as body fields, and are a run of their own", async () => {
  const provider = await oddProvider(echo);
  const cwd = tempFolder();
  writeFileSync(join(cwd, "rows.csv"), "id,prompt,top_p,seed\na,Hi,0.9,\nb,Ho,,42\n");
  const run = (...flags: string[]) =>
    runCli(["run", "rows.csv", ...provider.at, "-c", "1", ...flags, "-o", "out.csv", "--force"], { cwd });
  expect((await run()).code).toBe(0);
  const { code, stderr } = await run("--param-fields", "top_p,seed");
  expect(code, stderr).toBe(0);
  expect(provider.calls.map(({ body }) => JSON.parse(body))).toMatchObject([
    {},
    {},
    { messages: [{ content: "Hi" }], top_p: 0.9 },
    { messages: [{ content: "Ho" }], seed: 42 },
  ]);
  expect(provider.calls[0]!.body).not.toContain("top_p");
  expect(provider.calls[2]!.body).not.toContain("seed");
});

test("messages and tools in the cells of a table are the JSON they hold", async () => {
  const provider = await oddProvider(echo);
  const cwd = tempFolder();
  const messages = [{ role: "user", content: 'Say "hi",\nthen go' }];
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
  const cell = (value: unknown) => `"${JSON.stringify(value, null, 1).replaceAll('"', '""')}"`;
  const rows = [`a,${cell(messages)},${cell(tools)},${cell({ type: "auto" })}`, `b,${cell(messages)},,`];
  writeFileSync(join(cwd, "rows.csv"), `id,messages,tools,tool_choice\n${rows.join("\n")}\n`);
  const { code, stderr } = await runCli(
    ["run", "rows.csv", ...provider.at, "-c", "1", "-m", "m", "-o", "out.csv"],
    { cwd },
  );
  expect(code, stderr).toBe(0);
  expect(provider.calls.map(({ body }) => JSON.parse(body))).toEqual([
    { model: "m", messages, tools, tool_choice: "auto" },
    { model: "m", messages },
  ]);
});
