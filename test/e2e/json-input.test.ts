import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { readResults } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

const SIM = ["--provider", "sim", "-m", "m"];

function folderWith(name: string, content: string | Buffer): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, name), content);
  return cwd;
}

test("an Anthropic batch as its API takes it is answered as a batch", async () => {
  const params = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };
  const requests = ["a", "b", "c"].map((custom_id) => ({ custom_id, params }));
  const cwd = folderWith("batch.json", JSON.stringify({ requests }, null, 2));
  const flags = ["--provider", "sim", "-o", "out.jsonl"];
  const { code, stderr } = await runCli(["run", "batch.json", ...flags], { cwd });
  expect(code, stderr).toBe(0);
  const lines = readFileSync(join(cwd, "out.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(
    requests.map(({ custom_id }) => ({
      custom_id,
      result: { type: "succeeded", message: { role: "assistant" } },
    })),
  );
});

test("a list of rows is read, compressed too, and is the same run when it is given again", async () => {
  const rows = [
    { id: "x", prompt: "One?" },
    { id: "y", prompt: "Two?" },
  ];
  const cwd = folderWith("rows.json.gz", gzipSync(JSON.stringify(rows, null, 4)));
  const run = () => runCli(["run", "rows.json.gz", ...SIM, "-o", "results.jsonl"], { cwd });
  expect((await run()).code).toBe(0);
  expect((await run()).code).toBe(0);
  expect(readResults(cwd).map(({ id, status, input }) => [id, status, input])).toEqual(
    rows.map((row) => [row.id, "succeeded", row]),
  );
  const { stdout } = await runHere(["runs", "--json"], { cwd });
  expect(JSON.parse(stdout)).toHaveLength(1);
});

test("a bad element is told by its number", async () => {
  const cwd = folderWith("rows.json", JSON.stringify([{ prompt: "a" }, { question: "b" }], null, 2));
  const { code, stderr } = await runCli(["run", "rows.json", ...SIM], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/rows\.json:2 MISSING_FIELD/);
});
