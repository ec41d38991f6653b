import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { serve } from "../helpers/loopback.ts";
import { oddProvider, send } from "../helpers/odd-provider.ts";
import { parseResults } from "../helpers/rows.ts";
import { at, simulate } from "../helpers/simulate.ts";

/** A folder with files. */
function stage(files: Readonly<Record<string, string | Buffer>>): string {
  const cwd = tempFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return cwd;
}

const answered = '{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}';

test("templates from files, the run's settings and a row's own make the request", async () => {
  const cwd = stage({
    "in.csv": 'city,"My notes",model,temperature,max_tokens\nUlm,"{{city}}",,,\nRom,x,m-2,0.10,7\n',
    "prompt.txt": '{{ city }} \\{{city}} {{"My notes"}}',
    "system.txt": "You know {{city}}.",
  });
  const provider = await oddProvider((_, response) => send(response, answered));
  const flags = ["--template", "@prompt.txt", "--system", "@system.txt", "--temperature", "1"];
  const more = ["--max-tokens", "9", "--service-tier", "flex", "--param", "seed=12345678901234567890"];
  const args = ["run", "in.csv", ...provider.at, ...flags, ...more, "-c", "1"];
  const ended = await runCli(args, { cwd });
  expect(ended.code, ended.stderr).toBe(0);
  const messages = (city: string, notes: string) =>
    JSON.stringify([
      { role: "system", content: `You know ${city}.` },
      { role: "user", content: `${city} {{city}} ${notes}` },
    ]);
  const last = '"service_tier":"flex","seed":12345678901234567890';
  expect(provider.calls.map(({ body }) => body)).toEqual([
    `{"model":"odd-1","messages":${messages("Ulm", "{{city}}")},"temperature":1,"max_tokens":9,${last}}`,
    `{"model":"m-2","messages":${messages("Rom", "x")},"temperature":0.10,"max_tokens":7,${last}}`,
  ]);
});

test("several files and standard input, compressed or not, make one run, numbered on and cut by --limit", async () => {
  const cwd = stage({
    "a.jsonl.gz": gzipSync('{"prompt":"one"}\n{"prompt":"two"}\n'),
    "b.tsv": "id\tprompt\nb-1\tthree\n",
  });
  const simulator = await simulate(["answer", "echo"]);
  const args = ["run", "a.jsonl.gz", "b.tsv", "-", ...at(simulator), "--limit", "4", "-o", "-"];
  const ended = await runCli(args, { cwd, stdin: '{"prompt":"four"}\n{"prompt":"five"}\n' });
  expect(ended.code, ended.stderr).toBe(0);
  expect(parseResults(ended.stdout).map(({ id, output }) => [id, output])).toEqual([
    ["row-1", "one"],
    ["row-2", "two"],
    ["b-1", "three"],
    ["row-4", "four"],
  ]);
});

test("Azure's lines, whose urls have no version, go to the same endpoints", async () => {
  const line = (url: string, body: object) => JSON.stringify({ custom_id: url, method: "POST", url, body });
  const messages = [{ role: "user", content: "hi" }];
  const lines = [
    line("/chat/completions", { model: "d-1", messages }),
    line("/v1/chat/completions", { model: "d-1", messages }),
    line("/responses", { model: "d-1", input: "hi" }),
    line("/embeddings", { model: "d-1", input: "hi" }),
  ];
  const cwd = stage({ "azure.jsonl": lines.join("\r\n") });
  const simulator = await simulate();
  const args = ["run", "azure.jsonl", "--base-url", simulator.url, "-o", "-", "-q"];
  const ended = await runCli(args, { cwd });
  expect(ended.code, ended.stderr).toBe(0);
  const objects = ended.stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text).response.body.object);
  expect(objects).toEqual(["chat.completion", "chat.completion", "response", "list"]);
});

test("an embedding is an array in the output, its digits as they came", async () => {
  const cwd = stage({ "in.jsonl": '{"prompt":"hi"}\n' });
  const { url } = await serve((request, response) => {
    request.resume();
    response.end('{"data":[{"embedding":[0.1000, -0,\n1e-7]}],"usage":{"prompt_tokens":2,"total_tokens":2}}');
  });
  const flags = ["--api", "embeddings", "-m", "e-1", "--base-url", `${url}/v1`];
  const { stdout } = await runCli(["run", "in.jsonl", ...flags, "-o", "-", "-q"], { cwd });
  expect(stdout).toContain('"output":[0.1000,-0,1e-7],');
});

test("reasoning and cached tokens are told of each row", async () => {
  const cwd = stage({ "in.jsonl": '{"prompt":"What is one plus one?"}\n' });
  const settings = ["cached=50%", "reasoning=25%", "output-tokens=40"].flatMap((one) => ["--sim", one]);
  for (const api of ["chat", "responses", "messages"]) {
    const args = ["run", "in.jsonl", "--provider", "sim", "--api", api, ...settings, "-o", "-", "-q"];
    const [row] = parseResults((await runCli(args, { cwd })).stdout) as unknown as [{ usage: object }];
    const expected = { input_tokens: 9, cached_input_tokens: 4, output_tokens: 40, reasoning_tokens: 10 };
    expect(row.usage, api).toEqual(expected);
  }
});
