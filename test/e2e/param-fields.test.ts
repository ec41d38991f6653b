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
