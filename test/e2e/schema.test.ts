import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { serve } from "../helpers/loopback.ts";
import { readResults } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};

/** A folder with one row and a schema. */
function stage(schema: object = SCHEMA): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "rows.jsonl"), '{"id":"a","prompt":"Where?"}\n');
  writeFileSync(join(cwd, "schema.json"), JSON.stringify(schema));
  return cwd;
}

const RUN = ["run", "rows.jsonl", "--json-schema", "schema.json", "-o", "out.jsonl"];
const SIM = [...RUN, "--provider", "sim"];

test.each(["chat", "responses", "messages"])(
  "an answer by %s that fits is JSON in the output",
  async (api) => {
    const cwd = stage();
    const ended = await runCli([...SIM, "--api", api], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
    const [result] = readResults(cwd, "out.jsonl");
    expect(result!.output).toEqual({ city: expect.any(String), people: expect.any(Number) });
  },
);

test("export --answer-columns gives each field of the answers a column of a CSV", async () => {
  const cwd = stage();
  await runHere(SIM, { cwd });
  const csv = ["export", "--answer-columns", "--output-format", "csv", "-o", "-"];
  const [header, line] = (await runCli(csv, { cwd })).stdout.split("\n");
  expect(header).toMatch(/,llm_attempts,llm_output\.city,llm_output\.people$/);
  const answer = readResults(cwd, "out.jsonl")[0]!.output!;
  expect(line!.endsWith(`,1,${Object.values(answer).join()}`)).toBe(true);

  const toJsonl = await runHere(["export", "--answer-columns", "-o", "-"], { cwd });
  expect([toJsonl.code, toJsonl.stderr]).toEqual([
    2,
    expect.stringMatching(/^BAD_OPTION: --answer-columns: expected CSV/),
  ]);
  await runHere(["run", "rows.jsonl", "--provider", "sim"], { cwd });
  const schemaless = await runHere(csv, { cwd });
  expect([schemaless.code, schemaless.stderr]).toEqual([
    2,
    expect.stringMatching(/^BAD_OPTION: .*no --json-schema/),
  ]);
});

test("an answer that doesn't fit is asked for again, under a new idempotency key", async () => {
  const cwd = stage();
  const keys: unknown[] = [];
  const answers = ["{}", '{"city":"Ulm"}', null, '{"city":"Ulm","people":12345678901234567890}'];
  const { url } = await serve((request, response) => {
    const content = answers[keys.length];
    keys.push(request.headers["idempotency-key"]);
    if (content === null) response.writeHead(500).end();
    else response.end(JSON.stringify({ choices: [{ message: { content }, finish_reason: "stop" }] }));
  });
  const ended = await runCli([...RUN, "--base-url", url, "-m", "m", "--backoff-base", "1ms"], { cwd });
  expect(ended.code, ended.stderr).toBe(0);
  const [result] = readResults(cwd, "out.jsonl");
  expect(result).toMatchObject({ status: "succeeded", attempts: 4, output: { city: "Ulm" } });
  expect(new Set(keys).size).toBe(3);
  expect(keys[3]).toBe(keys[2]);
});

test("how many answers fit is told by summary and status, and the text of each that didn't is kept", async () => {
  const cwd = stage();
  const answers = ["{}", '{"city":"Ulm"', '{"city":"Ulm","people":1}'];
  let calls = 0;
  const { url } = await serve((_, response) => {
    const content = answers[calls++];
    response.end(JSON.stringify({ choices: [{ message: { content }, finish_reason: "stop" }] }));
  });
  const ended = await runCli([...RUN, "--base-url", url, "-m", "m", "--backoff-base", "1ms"], { cwd });
  expect(ended.stderr).toContain("1 of 3 answers fit (33%)");
  expect((await runCli(["status"], { cwd })).stdout).toContain("1 of 3 answers fit (33%)");
  const { run, schema } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
  expect(schema).toEqual({ answers: 3, fit: 1, ratio: 1 / 3 });
  const { history } = JSON.parse((await runHere(["show", run, "a", "--json"], { cwd })).stdout);
  // biome-ignore lint/suspicious/noExplicitAny: a reply, looked into
  const told = history.map(({ code, raw }: { code: string | null; raw: any }) => [
    code,
    raw.choices[0].message.content,
  ]);
  expect(told).toEqual([
    ["schema_mismatch", answers[0]],
    ["not_json", answers[1]],
    [null, answers[2]],
  ]);
});

test.each([
  ["invalid", "schema_mismatch", "the answer's top level must be object"],
  ["cut", "truncated", "--max-tokens may be too low"],
])("a row fails after --schema-attempts answers that are %s", async (fault, code, message) => {
  const cwd = stage();
  const ended = await runCli([...SIM, "--sim", `fault=${fault}`, "--schema-attempts", "2"], { cwd });
  expect(ended.code, ended.stderr).toBe(3);
  const [result] = readResults(cwd, "out.jsonl");
  expect(result).toMatchObject({
    status: "failed",
    attempts: 2,
    error: { code, message: expect.stringContaining(message) },
  });
});

test("a schema that can't be used is refused before anything is imported or sent", async () => {
  const cwd = stage({ properties: { city: { type: "text" } } });
  const ended = await runCli(SIM, { cwd });
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("/properties/city/type") });
  expect(ended.stderr).toMatch(/^BAD_SCHEMA: /m);
  expect(existsSync(join(cwd, "out.jsonl"))).toBe(false);
  const runs = await runHere(["runs", "--json"], { cwd });
  expect(runs.stdout).not.toContain("r_");
});
