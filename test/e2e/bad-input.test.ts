import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ended, runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const GOOD = '{"prompt":"hello"}\n';

/** What is wrong with a command before it has read a file; bad files have their own tests. */
const BAD_COMMANDS: { name: string; file: string; says: RegExp; flags?: string[] }[] = [
  { name: "no file", file: "none.jsonl", says: /^INPUT_NOT_FOUND: none\.jsonl/ },
  { name: "a folder", file: ".", says: /^INPUT_UNREADABLE: \.: is a folder/, flags: ["--format", "csv"] },
  { name: "an unknown flag", file: "a.jsonl", says: /^USAGE: .*--rpn[\s\S]*--rpm/, flags: ["--rpn", "5"] },
  {
    name: "a bad value",
    file: "a.jsonl",
    says: /^BAD_OPTION: --timeout: .*"soon"/,
    flags: ["--timeout", "soon"],
  },
  {
    name: "a delimiter of two characters",
    file: "a.jsonl",
    says: /^BAD_OPTION: --delimiter: .*";;"/,
    flags: ["--delimiter", ";;"],
  },
  {
    name: "half of a pair",
    file: "a.jsonl",
    says: /^BAD_OPTION: --sim: expected name=value, got "rpm"$/m,
    flags: ["--sim", "rpm"],
  },
];

function expectOneClearError({ code, stdout, stderr }: Ended, says: RegExp): void {
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^[A-Z_]+: .+/);
  expect(stderr).toMatch(/^hint: .+/m);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

describe("a bad command is refused with one clear error and nothing is sent", () => {
  test.each(BAD_COMMANDS)("$name", async ({ file, says, flags = [] }) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "a.jsonl"), GOOD);
    const simulator = await simulate();
    expectOneClearError(await runHere(["run", file, ...at(simulator), ...flags], { cwd }), says);
    expect(simulator.stats().calls).toBe(0);
  });

  test.each([
    ["JSONL", ["a.jsonl"], []],
    ["JSONL in several files", ["a.jsonl", "b.ndjson"], []],
    ["compressed JSONL", ["a.jsonl.gz"], []],
    ["standard input, which is JSONL", ["-"], []],
    ["standard input that is called JSONL", ["-"], ["--format", "jsonl"]],
    ["a file of another ending that is called JSONL", ["a.csv"], ["--format", "jsonl"]],
  ])(
    "a delimiter for %s is refused by run and plan, whether the file is there or not",
    async (_, inputs, flags) => {
      const cwd = tempFolder();
      const args = [...inputs, ...flags, "--provider", "sim", "--delimiter", ";"];
      const says = /^BAD_OPTION: --delimiter: .*";" for JSONL: .+\nhint: .*--format csv/;
      for (const command of ["run", "plan"]) {
        const ended = await runHere([command, ...args], { cwd, stdin: GOOD });
        expectOneClearError(ended, says);
        expect(ended.stderr).toContain(inputs.join(" "));
      }
      expect(existsSync(join(cwd, "llm-batch.db"))).toBe(false);
    },
  );

  test("a delimiter is for those inputs that are CSV, and one of the config file for those runs", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "a.jsonl"), GOOD);
    writeFileSync(join(cwd, "b.csv"), "id;prompt\nb;1,5\n");
    const both = ["run", "a.jsonl", "b.csv", "--provider", "sim", "--delimiter", ";"];
    expect(await runCli(both, { cwd })).toMatchObject({ code: 0 });
    writeFileSync(join(cwd, "llm-batch.yaml"), 'provider: sim\ndelimiter: ";"\n');
    expect(await runCli(["run", "a.jsonl"], { cwd })).toMatchObject({ code: 0 });
    expect(await runCli(["run", "b.csv"], { cwd })).toMatchObject({ code: 0 });
  });

  test("with --skip-invalid bad rows become failed rows and the rest is sent", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "a.jsonl"), `${GOOD}{"prompt":\n${GOOD}`);
    const simulator = await simulate();
    const { code } = await runCli(["run", "a.jsonl", ...at(simulator), "--skip-invalid", "-o", "r.jsonl"], {
      cwd,
    });
    expect(code).toBe(3);
    const lines = readFileSync(join(cwd, "r.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ status, error }) => [status, error?.code])).toEqual([
      ["succeeded", undefined],
      ["failed", "BAD_JSON"],
      ["succeeded", undefined],
    ]);
  });

  test("a file of nothing but bad rows ends at once", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "a.jsonl"), '{"text":"x"}\nnot json\n');
    const { code, stderr } = await runCli(["run", "a.jsonl", "--provider", "sim", "--skip-invalid"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain("0 of 2 succeeded, 2 failed");
  });

  test.each([
    ["an unknown ending", "results.txt", /^UNKNOWN_FORMAT: /],
    ["a folder that isn't there", "none/results.jsonl", /^OUTPUT_UNWRITABLE: none\/results\.jsonl/],
    ["a folder", ".", /^UNKNOWN_FORMAT: |^OUTPUT_UNWRITABLE: /],
  ])("an output that is %s is refused before anything is sent", async (_, output, says) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const simulator = await simulate();
    const ended = await runHere(["run", "prompts.jsonl", ...at(simulator), "-o", output, "--force"], { cwd });
    expectOneClearError(ended, says);
    expect(simulator.stats().calls).toBe(0);
  });

  test("the input itself is never replaced by the output, not even with --force", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const before = readFileSync(join(cwd, "prompts.jsonl"), "utf8");
    const args = ["run", "prompts.jsonl", "--provider", "sim", "-o", "./prompts.jsonl", "--force"];
    expectOneClearError(await runCli(args, { cwd }), /^OUTPUT_IS_INPUT: /);
    expect(readFileSync(join(cwd, "prompts.jsonl"), "utf8")).toBe(before);
  });

  test("a changed input of an unfinished run is refused, naming both ways on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const dead = ["--base-url", "http://127.0.0.1:9/v1", "-m", "x"];
    expect((await runHere(["run", "prompts.jsonl", ...dead], { cwd })).code).toBe(4);
    writePrompts(cwd, 6);
    const ended = await runCli(["run", "./prompts.jsonl", ...dead], { cwd });
    expectOneClearError(ended, /^INPUT_CHANGED: \.\/prompts\.jsonl/);
    expect(ended.stderr).toMatch(/hint: .*resume.*--new/);
  });

  test("an input that is gone is told with the unfinished run that has its rows", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const dead = ["--base-url", "http://127.0.0.1:9/v1", "-m", "x"];
    await runHere(["run", "prompts.jsonl", ...dead], { cwd });
    rmSync(join(cwd, "prompts.jsonl"));
    const ended = await runCli(["run", "./prompts.jsonl", ...dead], { cwd });
    expectOneClearError(ended, /^INPUT_NOT_FOUND: \.\/prompts\.jsonl/);
    expect(ended.stderr).toMatch(/hint: .*`llm-batch resume r_\w+`/);
    const fresh = await runCli(["run", "prompts.jsonl", ...dead, "--new"], { cwd });
    expect(fresh.stderr).not.toContain("resume");
  });
});

describe("a database that can't be used is refused and left as it was", () => {
  test("a file that is no database", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const content =
      "this is a text file, and a long enough one to be read as a header of something else\n".repeat(10);
    writeFileSync(join(cwd, "notes.db"), content);
    const simulator = await simulate();
    const ended = await runCli(["run", "prompts.jsonl", ...at(simulator), "--db", "notes.db"], { cwd });
    expectOneClearError(ended, /^NOT_A_DATABASE: notes\.db/);
    expect(readFileSync(join(cwd, "notes.db"), "utf8")).toBe(content);
    expect(simulator.stats().calls).toBe(0);
  });

  test("a folder in its place", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    mkdirSync(join(cwd, "folder.db"));
    const simulator = await simulate();
    const ended = await runHere(["run", "prompts.jsonl", ...at(simulator), "--db", "folder.db"], { cwd });
    expectOneClearError(ended, /^DB_UNREADABLE: .*folder\.db/);
  });

  test("status of a database that isn't there creates none", async () => {
    const cwd = tempFolder();
    expectOneClearError(await runCli(["status"], { cwd }), /^DB_NOT_FOUND: .*llm-batch\.db/);
    expect(existsSync(join(cwd, "llm-batch.db"))).toBe(false);
  });
});

describe("a run that can't start says what is missing", () => {
  test("no provider", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const ended = await runCli(["run", "prompts.jsonl"], { cwd });
    expectOneClearError(ended, /^NO_PROVIDER: /);
    expect(ended.stderr).toContain("--provider sim");
  });

  test("no key", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const ended = await runHere(["run", "prompts.jsonl", "--provider", "openai", "-m", "m"], { cwd });
    expectOneClearError(ended, /^MISSING_KEY: .*OPENAI_API_KEY/);
  });

  test("a key in place of the name of its variable is not repeated", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const args = [
      "run",
      "prompts.jsonl",
      "--provider",
      "openai",
      "-m",
      "m",
      "--api-key-env",
      "sk-abc-0123456789",
    ];
    const ended = await runCli(args, { cwd });
    expectOneClearError(ended, /^BAD_OPTION: --api-key-env/);
    expect(ended.stderr).not.toContain("sk-abc");
  });

  test("no model", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const simulator = await simulate();
    const ended = await runHere(["run", "prompts.jsonl", "--base-url", simulator.url], { cwd });
    expectOneClearError(ended, /MODEL/);
  });

  test("errors are one JSON object with --json", async () => {
    const cwd = tempFolder();
    const { stdout, code } = await runCli(["status", "--json"], { cwd });
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "DB_NOT_FOUND", message: expect.any(String), hint: expect.any(String) },
    });
    expect(code).toBe(2);
  });
});
