import { writeFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { readResults } from "../helpers/rows.ts";
import { KEY } from "./ask.ts";
import { startRecorder } from "./recorder.ts";

test("a batch file is sent as the SDK would have sent its requests", async () => {
  const text = { model: "m-1", input: "hi" } as const;
  const chat = { model: "m-1", messages: [{ role: "user" as const, content: "hi" }], seed: 7 };
  const completion = { model: "m-1", prompt: "Once" };
  const reply = {
    ...{ choices: [{ text: "yes", message: { content: "yes" }, finish_reason: "stop" }] },
    ...{ output: [{ type: "message", content: [{ type: "output_text", text: "yes" }] }] },
    ...{ data: [{ embedding: [1] }], results: [{ flagged: false }] },
  };
  const { url, recorded } = await startRecorder(reply);
  const sdk = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
  await sdk.chat.completions.create(chat);
  await sdk.responses.create(text);
  await sdk.embeddings.create({ ...text, encoding_format: "float" });
  await sdk.completions.create(completion);
  await sdk.moderations.create(text);
  const theirs = recorded.splice(0);

  const cwd = tempFolder();
  const bodies = theirs.map(({ path, body }, index) => {
    return JSON.stringify({ custom_id: `r-${index}`, method: "POST", url: path, body });
  });
  writeFileSync(join(cwd, "batch.jsonl"), bodies.join("\n"));
  const args = ["run", "batch.jsonl", "--output-format", "jsonl", "-o", "out.jsonl", "-c", "1"];
  const ended = await runCli(args, { cwd, env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${url}/v1` } });
  expect(ended.code, ended.stderr).toBe(0);
  expect(recorded).toEqual(theirs);
  const outputs = readResults(cwd, "out.jsonl").map(({ output }) => output);
  expect(outputs).toEqual(["yes", "yes", [1], "yes", [{ flagged: false }]]);
});
