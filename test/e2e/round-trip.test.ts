import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memberTexts, textAt } from "../../src/domain/raw-json.ts";
import { CsvOracle } from "../fuzz/csv-oracle.ts";
import { jsonObject } from "../fuzz/json-text.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { serve } from "../helpers/loopback.ts";
import { readParquet } from "../helpers/read-parquet.ts";

const ROWS = 60;
const ids = Array.from({ length: ROWS }, (_, index) => `q-${index + 1}`);

/** Numbers that a double would change, and names that are nobody's. */
const ODD = '"n":12345678901234567890,"e":1e400,"d":0.1000,"z":-0,"__proto__":{"x": 1.0}';

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom('"', '""', ",", "\t", "\n", "\r\n", "\r", ";", "\ufeff", "=1+1", "{{id}}", " ", "", "'"),
);

/** One for each row, from another seed each time; vitest prints what differs, row by row. */
const sampled = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, ROWS);

/** A provider that keeps every body as it came, and answers each row with a text of its own amid odd fields. */
async function startProvider(answers: readonly string[]) {
  const sent = new Map<string, string>();
  const replies = new Map<string, string>();
  const { url } = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const id = /q-\d+/.exec(body)![0];
    const answer = JSON.stringify(answers[ids.indexOf(id)]);
    const reply = request.url!.endsWith("/messages") ? messageText(answer) : chatText(answer);
    sent.set(id, body);
    replies.set(id, reply);
    response.writeHead(200, { "content-type": "application/json" }).end(reply);
  });
  return { url, sent, replies };
}

const chatText = (answer: string): string =>
  `{${ODD},"choices":[{"index":0,"message":{"role":"assistant","content":${answer}},"finish_reason":"stop"}]}`;
const messageText = (answer: string): string =>
  `{"type":"message",${ODD},"role":"assistant","content":[{"type":"text","text":${answer}}],"stop_reason":"end_turn"}`;

/** Runs a file to its end against a provider of odd answers. */
async function roundTrip(name: string, content: string, output: string, flags: readonly string[] = []) {
  const cwd = tempFolder();
  writeFileSync(join(cwd, name), content);
  // An answer with nothing in it would be asked for again, and DuckDB's binding drops a BOM that a text begins with.
  const answers = sampled(anyText).map((text) => `> ${text}`);
  const provider = await startProvider(answers);
  const args = ["run", name, "--base-url", provider.url, "-m", "m", ...flags, "-o", output];
  const ended = await runCli(args, { cwd, env: { ANTHROPIC_API_KEY: "none" } });
  expect(ended.code, ended.stderr).toBe(0);
  return { ...provider, answers, path: join(cwd, output) };
}

const linesOf = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

/** Messages with parts that nobody knows; each names its row. */
const messageLists = (): string[] =>
  sampled(jsonObject(["type", "image_url", "text"])).map(
    (part, index) => `[{"role":"user","name":"${ids[index]}","content":[${part}, {"d":0.1000}]}]`,
  );

test("JSON lines are sent and come back byte for byte", async () => {
  const messages = messageLists();
  const extra = sampled(jsonObject(["a", "n"]));
  const rows = ids.map(
    (id, index) => `{"id":"${id}",${ODD},"messages":${messages[index]},"x":${extra[index]}}`,
  );
  const { sent, answers, path } = await roundTrip("in.jsonl", rows.join("\n"), "out.jsonl");
  expect(ids.map((id) => textAt(sent.get(id)!, ["messages"]))).toEqual(messages);
  const results = linesOf(path).map(memberTexts);
  expect(results.map((result) => result.get("input"))).toEqual(rows);
  expect(results.map((result) => JSON.parse(result.get("output")!))).toEqual(answers);
});

test.each([
  [
    "openai",
    [],
    "response",
    ["body"],
    (body: string) => `"method":"POST","url":"/v1/chat/completions","body":${body}`,
  ],
  ["anthropic", ["--provider", "anthropic"], "result", ["message"], (body: string) => `"params":${body}`],
] as const)("a batch file of %s is sent and answered byte for byte", async (_, flags, field, path, line) => {
  const bodies = messageLists().map((list) => `{"model":"m","max_tokens":9,${ODD},"messages":${list}}`);
  const lines = bodies.map((body, index) => `{"custom_id":"${ids[index]}",${line(body)}}`);
  const trip = await roundTrip("in.jsonl", lines.join("\r\n"), "out.jsonl", flags);
  expect(ids.map((id) => trip.sent.get(id))).toEqual(bodies);
  const replies = linesOf(trip.path).map((text) => textAt(text, [field, ...path]));
  expect(replies).toEqual(ids.map((id) => trip.replies.get(id)));
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Names and cells of a spreadsheet; the third column is the prompt. */
function spreadsheet(): { header: string[]; records: string[][] } {
  const [names, prompts, others] = [sampled(anyText), sampled(anyText), sampled(anyText)];
  const header = ["id", 'a name, with "quotes"\r\nand a line break', "prompt", "=other"];
  return { header, records: ids.map((id, index) => [id, names[index]!, prompts[index]!, others[index]!]) };
}

test.each([
  ["in.csv", ",", "\r\n", "csv"],
  ["in.csv", ";", "\n", "csv"],
  ["in.tsv", "\t", "\r\n", "parquet"],
])("%s with %j and %j is read and comes back by RFC 4180 as %s", async (name, delimiter, lineEnd, format) => {
  const { header, records } = spreadsheet();
  const content = [header, ...records].map((cells) => cells.map(quoted).join(delimiter) + lineEnd).join("");
  const flags = ["--template", "{{id}} {{prompt}}", "--delimiter", delimiter];
  const { sent, answers, path } = await roundTrip(name, `\ufeff${content}`, `out.${format}`, flags);
  const prompts = ids.map((id) => JSON.parse(sent.get(id)!).messages[0].content);
  expect(prompts).toEqual(records.map(([id, , prompt]) => `${id} ${prompt}`));
  if (format === "csv") {
    const [names, ...rows] = new CsvOracle(readFileSync(path), "csv")
      .read()
      .records.map(({ fields }) => fields);
    expect(names!.slice(0, 6)).toEqual([...header, "llm_status", "llm_output"]);
    const expected = records.map((cells, index) => [...cells, "succeeded", answers[index]]);
    expect(rows.map((fields) => fields.slice(0, 6))).toEqual(expected);
  } else {
    const rows = await readParquet(path);
    expect(rows.map(({ output }) => output)).toEqual(answers);
    const inputs = records.map((cells) =>
      Object.fromEntries(header.map((column, at) => [column, cells[at]])),
    );
    expect(rows.map(({ input }) => JSON.parse(String(input)))).toEqual(inputs);
  }
});
