import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

describe("refused with exit code 2 before anything is sent", () => {
  test.each([
    [
      "a line break",
      "sk-first\nsk-second",
      /^BAD_KEY: .* SOME_KEY holds a line break at character 9 of 18\n/,
    ],
    [
      "a letter that no header carries",
      "sk-пароль",
      /^BAD_KEY: .* holds a character that no key has at character 4 of 9\n/,
    ],
    ["a character that can't be seen", "\u200bsk-1", /^BAD_KEY: /],
  ])("a key with %s, which is not shown", async (_, key, expected) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const simulator = await simulate();
    const args = ["run", "prompts.jsonl", ...at(simulator), "--api-key-env", "SOME_KEY"];
    const { code, stdout, stderr } = await runCli(args, { cwd, env: { SOME_KEY: key } });
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stdout + stderr).not.toContain(key.slice(3));
    expect(simulator.stats().calls).toBe(0);
    expect(JSON.parse((await runHere(["runs", "--json"], { cwd })).stdout)).toEqual([]);
  });

  test("white space around a key is no part of it", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const args = ["run", "prompts.jsonl", ...at(await simulate()), "--api-key-env", "SOME_KEY"];
    expect((await runCli(args, { cwd, env: { SOME_KEY: " sk-1\n" } })).code).toBe(0);
  });

  test("the simulator together with an address: the message names both", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--base-url", "http://127.0.0.1:9/v1"];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^BAD_OPTION: --provider sim and --base-url /);
  });

  test.each([
    ["a name that is too long", `${"a".repeat(300)}/x.db`, /its name is too long/],
    ["a path that is too long for SQLite", `${"a/".repeat(260)}x.db`, /its path is too long for SQLite/],
    ["a link to itself", "loop.db", /its links lead in a circle/],
  ])("a database at %s", async (_, db, expected) => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    symlinkSync("loop.db", join(cwd, "loop.db"));
    const { code, stderr } = await runHere(["run", "prompts.jsonl", "--provider", "sim", "--db", db], {
      cwd,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^DB_UNREADABLE: .*\nhint: .*\n$/);
    expect(stderr).toMatch(expected);
  });

  test.each([
    ["retry", "--id", ""],
    ["retry", "--code="],
    ["run", "prompts.jsonl", "-o", ""],
    ["status", "--db", ""],
  ])("an empty value, as of a variable that isn't set: %s %s %s", async (...args) => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const simulator = await simulate(["fault", "400"]);
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    const { code, stderr } = await runHere(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^BAD_OPTION: --\w+: expected a value, got an empty text\n/);
    expect(simulator.stats().calls).toBe(2);
  });

  test("resume -o with the input, by its name or by a link", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    symlinkSync("prompts.jsonl", join(cwd, "link.jsonl"));
    const input = readFileSync(join(cwd, "prompts.jsonl"), "utf8");
    const simulator = await simulate(["latency", "50ms"]);
    await runHere(["run", "prompts.jsonl", ...at(simulator), "-c", "4", "--deadline", "1ms"], { cwd });
    const before = simulator.stats().calls;
    for (const output of ["prompts.jsonl", "link.jsonl"]) {
      const { code, stderr } = await runCli(["resume", "-o", output, "--force"], { cwd });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^OUTPUT_IS_INPUT: /);
      expect(simulator.stats().calls).toBe(before);
      expect(readFileSync(join(cwd, "prompts.jsonl"), "utf8")).toBe(input);
    }
  });
});

test("breaker --json has the form that status --json has", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 30);
  const simulator = await simulate(["fault", "503"]);
  const flags = ["-c", "8", "--breaker-cooldown", "1h", "--deadline", "1s"];
  await runCli(["run", "prompts.jsonl", ...at(simulator), ...flags], { cwd });
  const [shown] = JSON.parse((await runHere(["breaker", "--json"], { cwd })).stdout);
  const status = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
  expect(shown).toMatchObject({ state: "open", retry_at: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(shown).toEqual({ ...status.breaker[0], reason: expect.any(String) });
});

describe("a refusal for an hour", () => {
  const refused = async (): Promise<string> => {
    const cwd = tempFolder();
    writePrompts(cwd, 10);
    const simulator = await simulate(["fault", "429:after=3600s"]);
    await runCli(["run", "prompts.jsonl", ...at(simulator), "--deadline", "1s"], { cwd });
    return cwd;
  };

  test("is told as soon as a run is gone on with, and by the status of one that nobody is at", async () => {
    const cwd = await refused();
    const { stderr } = await runCli(["resume", "--deadline", "1s"], { cwd });
    expect(stderr).toMatch(/^continuing r_\w+\nquota used up, going on at .*:\d\d: http:/);
    expect((await runHere(["status"], { cwd })).stdout).toMatch(/^ {2}refused {4}until .*:\d\d {3}http:/m);
  });

  test("is over with breaker reset, for the rows that were refused as well", async () => {
    const cwd = tempFolder();
    const [first] = writePrompts(cwd, 10);
    const simulator = await simulate(["fault", `429:after=3600s:times=1:match=${first}`]);
    await runCli(["run", "prompts.jsonl", ...at(simulator), "-c", "8", "--deadline", "1s"], { cwd });
    expect((await runCli(["breaker", "reset"], { cwd })).code).toBe(0);
    const { code, stderr } = await runCli(["resume", "--deadline", "1m"], { cwd });
    expect(stderr).toContain("10 of 10 succeeded");
    expect(code).toBe(0);
  });
});
