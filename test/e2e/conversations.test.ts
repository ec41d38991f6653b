import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { serve } from "../helpers/loopback.ts";
import { chatText } from "../helpers/odd-provider.ts";
import { readResults } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

const RECIPE = join(import.meta.dirname, "../../fixtures/recipes/conversations.jsonl");
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

interface Sent {
  path: string;
  body: { messages?: object[]; input?: object[]; tools?: object[] };
}

/** Answers as each API does; chat completions are refused where the test has them so. */
async function everyApi({ refusesChat = false } = {}): Promise<{ url: string; sent: Sent[] }> {
  const sent: Sent[] = [];
  const usage = { input_tokens: 3, output_tokens: 5 };
  const text = { type: "text", text: "Fine." };
  const answers: Record<string, string> = {
    "/v1/chat/completions": chatText("Fine."),
    "/v1/messages": JSON.stringify({ content: [text], model: "m", stop_reason: "end_turn", usage }),
    "/v1/responses": JSON.stringify({ output: [{ type: "message", content: [text] }], model: "m", usage }),
  };
  const { url } = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = request.url!;
    sent.push({ path, body: JSON.parse(body) });
    const isRefused = refusesChat && path === "/v1/chat/completions";
    const error = JSON.stringify({ error: { type: "invalid_request_error", message: "too hard" } });
    response.writeHead(isRefused ? 400 : 200, { "content-type": "application/json" });
    response.end(isRefused ? error : answers[path]);
  });
  return { url, sent };
}

/** A pool that speaks one API, and a fallback that speaks another. */
function writeFallback(cwd: string, url: string): void {
  const endpoints = {
    first: { "base-url": `${url}/v1`, model: "m" },
    second: { "base-url": url, model: "m", api: "messages" },
  };
  writeFileSync(
    join(cwd, "llm-batch.yaml"),
    JSON.stringify({ endpoints, pool: "first", fallback: "second" }),
  );
}

test("rows written for chat completions are sent to a fallback in its own form", async () => {
  const { url, sent } = await everyApi({ refusesChat: true });
  const cwd = tempFolder();
  cpSync(RECIPE, join(cwd, "rows.jsonl"));
  writeFallback(cwd, url);
  const { code, stderr } = await runCli(["run", "rows.jsonl", "-c", "1", "-o", "results.jsonl"], { cwd });
  expect(code, stderr).toBe(0);
  expect(readResults(cwd).map(({ provider, output }) => `${provider}: ${output}`)).toEqual([
    "second: Fine.",
    "second: Fine.",
  ]);
  const bodies = sent.filter(({ path }) => path === "/v1/messages").map(({ body }) => body);
  expect(bodies.find(({ tools }) => tools === undefined)!.messages).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "What is in this picture?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
      ],
    },
  ]);
  expect(bodies.find(({ tools }) => tools !== undefined)).toMatchObject({
    tools: [{ name: "temperature", input_schema: { type: "object", required: ["city"] } }],
    tool_choice: { type: "auto" },
  });
});

test("a row that an endpoint's API can't say is refused at import, by its place", async () => {
  const { url, sent } = await everyApi();
  const cwd = tempFolder();
  const sound = { type: "input_audio", input_audio: { data: "AA", format: "wav" } };
  const row = { messages: [{ role: "user", content: [sound] }] };
  writeFileSync(join(cwd, "rows.jsonl"), JSON.stringify(row));
  writeFallback(cwd, url);
  const { code, stderr } = await runCli(["run", "rows.jsonl"], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /:1 NO_EQUIVALENT for the endpoint second: messages\[0\]\.content\[0\], of type "input_audio", has no equivalent/,
  );
  expect(stderr).toContain("--api");
  expect(sent).toEqual([]);
});

test("a row that an earlier version has let in fails by itself, and is passed over by --reuse", async () => {
  const { url, sent } = await everyApi({ refusesChat: true });
  const cwd = tempFolder();
  const sound = { type: "input_audio", input_audio: { data: "AA", format: "wav" } };
  const rows = [[sound], "Hi"].map((content) => JSON.stringify({ messages: [{ role: "user", content }] }));
  writeFileSync(join(cwd, "rows.jsonl"), rows.join("\n"));
  expect((await runHere(["run", "rows.jsonl", "--base-url", `${url}/v1`, "-m", "m"], { cwd })).code).toBe(3);
  const db = new Database(join(cwd, "llm-batch.db"));
  db.prepare(`UPDATE runs SET request = json_set(request, '$.api', 'messages', '$.baseUrl', ?)`).run(url);
  db.close();
  const { code, stderr } = await runCli(["retry"], { cwd });
  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(/NO_EQUIVALENT/);
  expect(sent.filter(({ path }) => path === "/v1/messages")).toHaveLength(1);
  writeFileSync(join(cwd, "more.jsonl"), rows[1]!);
  const reuse = ["--base-url", url, "--api", "messages", "-m", "m", "--reuse", "-o", "results.jsonl"];
  expect((await runCli(["run", "more.jsonl", ...reuse], { cwd })).code).toBe(0);
  expect(sent.filter(({ path }) => path === "/v1/messages")).toHaveLength(1);
});

test("what a row asks in another form is the same request with --reuse", async () => {
  const { url, sent } = await everyApi();
  const cwd = tempFolder();
  cpSync(RECIPE, join(cwd, "rows.jsonl"));
  const flags = [
    "--base-url",
    `${url}/v1`,
    "--api",
    "responses",
    "-m",
    "m",
    "--reuse",
    "--force",
    "-o",
    "results.jsonl",
  ];
  for (const more of [[], ["--new"]]) {
    const { code, stderr } = await runCli(["run", "rows.jsonl", ...flags, ...more], { cwd });
    expect(code, stderr).toBe(0);
  }
  expect(sent.map(({ path }) => path)).toEqual(["/v1/responses", "/v1/responses"]);
});
