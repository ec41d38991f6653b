import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { echo, oddProvider } from "../helpers/odd-provider.ts";
import { writePrompts } from "../helpers/rows.ts";

const BOUND = ["--max-tokens", "50", "-o", "out.jsonl", "--force"];

/** The bounds of the calls that runs of these flags make, one after the other in one folder. */
async function boundsOf(...runs: string[][]): Promise<object[]> {
  const provider = await oddProvider(echo);
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  for (const flags of runs) {
    const env = { OPENAI_API_KEY: "sk-0" };
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...provider.at, ...flags, ...BOUND], {
      cwd,
      env,
    });
    expect(code, stderr).toBe(0);
  }
  return provider.calls.map(({ body }) => {
    const { max_tokens, max_completion_tokens } = JSON.parse(body);
    return { max_tokens, max_completion_tokens };
  });
}

test("OpenAI named behind a gateway is sent the name that all of its models know, an address alone the old one", async () => {
  expect(await boundsOf([], ["--provider", "openai"], ["--provider", "openai"])).toEqual([
    { max_tokens: 50 },
    { max_completion_tokens: 50 },
  ]);
});

test("--param says it otherwise, for a gateway that doesn't know the newer name", async () => {
  const provider = await oddProvider(echo);
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const flags = ["--provider", "openai", "--param", "max_tokens=50", "-o", "out.jsonl"];
  const { code, stderr } = await runCli(["run", "prompts.jsonl", ...provider.at, ...flags], {
    cwd,
    env: { OPENAI_API_KEY: "sk-0" },
  });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(provider.calls[0]!.body).max_tokens).toBe(50);
});
