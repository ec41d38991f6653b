import { copyFileSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { splitWords } from "../helpers/shell-words.ts";
import { simulate } from "../helpers/simulate.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Commands that go on until a signal ends them, and print where they listen. */
const SERVERS = ["simulate", "ui"];

/** Every command of the README's shell blocks, one a line, comments taken off. */
function readmeCommands(): string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter(Boolean);
}

/** What `npm ci` and `npm test` do is what runs this test; `export KEY=…` stands for the environment given below. */
const isForThisTest = (line: string): boolean => !/^(npm ci && npm test|export )/.test(line);

test("every command of the README works as printed", async () => {
  const cwd = tempFolder();
  cpSync(join(ROOT, "fixtures"), join(cwd, "fixtures"), { recursive: true });
  const simulator = await simulate();
  copyFileSync(join(ROOT, "fixtures/prompts.jsonl"), join(cwd, "prompts.jsonl"));
  const env = { OPENAI_API_KEY: "sk-readme", GROQ_API_KEY: "sk-readme", LLM_BATCH_BASE_URL: simulator.url };
  const failed: string[] = [];
  const servers = [];
  for (const line of readmeCommands().filter(isForThisTest)) {
    const words = splitWords(
      line
        .replace(/^npm ci && /, "")
        .replace(/^node bin\/llm-batch\.js/, "llm-batch")
        .replaceAll("http://localhost:8000/v1", simulator.url)
        .replace("r_… q-17", "ROW"),
    );
    expect(words[0], line).toBe("llm-batch");
    const args = words.slice(1).flatMap((word) => (word === "ROW" ? [] : [word]));
    if (args[0] === "show") args.push(...(await anyRow(cwd)));
    if (args[0] === "run") args.push("--force", "--new");
    if (SERVERS.includes(args[0]!)) {
      const server = startCli(args, { cwd });
      servers.push(server);
      await new Promise((resolve) => server.process.stdout!.once("data", resolve));
      continue;
    }
    const { code, stderr } = await runCli(args, { cwd, env });
    if (code !== 0) failed.push(`${line}\n  exit ${code}: ${stderr}`);
  }
  for (const server of servers) {
    server.process.kill("SIGTERM");
    await server.ended;
  }
  expect(failed).toEqual([]);
}, 120_000);

async function anyRow(cwd: string): Promise<[string, string]> {
  const [run] = JSON.parse((await runCli(["runs", "--json"], { cwd })).stdout);
  const { stdout } = await runCli(["export", run.run, "-o", "-"], { cwd });
  return [run.run, JSON.parse(stdout.split("\n")[0]!).id];
}

test("the quickstart writes a result for every prompt", async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, "fixtures"));
  copyFileSync(join(ROOT, "fixtures/prompts.jsonl"), join(cwd, "fixtures/prompts.jsonl"));
  const args = ["run", "fixtures/prompts.jsonl", "--provider", "sim", "-o", "results.jsonl"];
  expect(readmeCommands()[0]).toBe(`npm ci && node bin/llm-batch.js ${args.join(" ")}`);
  expect((await runCli(args, { cwd })).code).toBe(0);
  const rows = (name: string): number => readFileSync(join(cwd, name), "utf8").trim().split("\n").length;
  expect(rows("results.jsonl")).toBe(rows("fixtures/prompts.jsonl"));
});
