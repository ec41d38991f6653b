import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

function typesIn(path: string): string[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line).type);
}

describe("--log-file", () => {
  test("adds the events of each command to the file, for its owner's eyes alone", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 6);
    const simulator = await simulate(["fault", "context-length:match=What is 3 plus"]);
    const log = ["--log-file", "run.ndjson"];
    const run = await runCli(["run", "prompts.jsonl", ...at(simulator), ...log], { cwd });
    expect(run.code).toBe(3);
    expect(run.stdout).toBe("");
    const path = join(cwd, "run.ndjson");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const first = typesIn(path);
    expect(first.filter((type) => type === "row_done")).toHaveLength(6);
    expect((await runCli(["retry", ...log], { cwd })).code).toBe(3);
    expect(typesIn(path).slice(first.length)).toEqual([
      "run_started",
      "attempt_failed",
      "row_done",
      "run_finished",
    ]);
  });

  test.runIf(existsSync("/dev/full"))("on a full disk is told once, and the run goes on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 300);
    const simulator = await simulate(["latency", "5ms"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "4", "--log-file", "/dev/full"];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(0);
    expect(
      stderr.match(/^\/dev\/full: no more events are written: no space is left on the disk;/gm),
    ).toHaveLength(1);
  });

  test("a pipe gets the events where somebody reads it, and is refused where nobody does", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    spawnSync("sh", ["-c", "mkfifo events"], { cwd });
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--log-file", "events"];
    const unread = await runCli(args, { cwd });
    expect(unread.code).toBe(2);
    expect(unread.stderr).toMatch(
      /^OUTPUT_UNWRITABLE: events: can't be written: it is a pipe that nobody reads\nhint: .*cat events/m,
    );
    const reader = openSync(join(cwd, "events"), constants.O_RDONLY | constants.O_NONBLOCK);
    const { code } = await runCli(args, { cwd });
    const text = readFileSync(reader, "utf8");
    closeSync(reader);
    expect(code).toBe(0);
    const types = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect([types.at(0), types.at(-1)]).toEqual(["run_started", "run_finished"]);
  });

  test.each([
    [
      "none/run.ndjson",
      /^OUTPUT_UNWRITABLE: none\/run\.ndjson: .*the folder none doesn't exist\nhint: mkdir -p none/,
    ],
    [".", /^BAD_OPTION: --log-file: it is a folder, got "\."/],
    ["-", /^BAD_OPTION: --log-file: expected a file, got "-"\nhint: .*--json/],
    ["./prompts.jsonl", /^BAD_OPTION: --log-file: it is a file of the run, prompts\.jsonl/],
    ["llm-batch.db", /^BAD_OPTION: --log-file: it is a file of the run, .*llm-batch\.db/],
  ])("refuses %s before anything is sent", async (path, says) => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    closeSync(openSync(join(cwd, "llm-batch.db"), "a"));
    const before = readFileSync(join(cwd, "prompts.jsonl"), "utf8");
    const simulator = await simulate();
    const args = ["run", "prompts.jsonl", ...at(simulator), "--log-file", path];
    const { code, stderr } = await runCli(args, { cwd });
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
    expect(simulator.stats().calls).toBe(0);
    expect(readFileSync(join(cwd, "prompts.jsonl"), "utf8")).toBe(before);
  });

  test("that can't be written leaves failed rows as they were on retry", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const simulator = await simulate(["fault", "context-length"]);
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    expect((await runCli(["retry", "--log-file", "none/run.ndjson"], { cwd })).code).toBe(2);
    const { stdout } = await runHere(["status", "--json"], { cwd });
    expect(JSON.parse(stdout).jobs).toMatchObject({ failed: 1, pending: 0 });
  });
});
