import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { whyNotPreloaded } from "../faults/preload.ts";
import { standIn } from "../faults/stand-in.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { echo, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";

const NFS = 0x6969;
const FUSE = 0x65735546;
const HOUR_MS = 3_600_000;

const missing = whyNotPreloaded();
if (missing !== null) process.stderr.write(`SKIPPED: odd systems, since ${missing}\n`);

describe.runIf(missing === null)("a system that isn't as usual", () => {
  test("a database on a network file system is refused, and none is made", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const env = standIn(tempFolder())({ fileSystemType: NFS });
    const { code, stderr } = await runCli(["run", "prompts.jsonl", "--provider", "sim"], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^DB_ON_NETWORK: .+\nhint: .*--db/);
    expect(existsSync(join(cwd, "llm-batch.db"))).toBe(false);
    const doctor = await runCli(["doctor", "--provider", "sim"], { cwd, env });
    expect(doctor.code).toBe(2);
    expect(doctor.stdout).toMatch(/^failed +file system .*network/m);
  });

  test("a database where other machines may be is warned about, and works", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const env = standIn(tempFolder())({ fileSystemType: FUSE });
    const { code, stderr } = await runCli(["run", "prompts.jsonl", "--provider", "sim"], { cwd, env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\.\/llm-batch\.db is on a file system that machines can share: /m);
  });

  test("a disk that can't sync ends the run, and a healthy one goes on from what was recorded", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 40);
    const provider = await oddProvider(echo);
    const args = ["run", "prompts.jsonl", ...provider.at, "-c", "2", "-o", "results.jsonl"];
    const env = standIn(tempFolder())({ failingSync: 30 });
    const failed = await runCli(args, { cwd, env });
    expect(failed.code).toBe(75);
    expect(failed.stderr).toMatch(/^DB_IO_ERROR: .+\nhint: .+same command/m);
    const calls = provider.calls.length;
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(prompts.length);
    expect((await runCli(args, { cwd })).code).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect(provider.calls.length).toBeLessThanOrEqual(prompts.length + 2);
  });

  test.each([
    ["forward", 30],
    ["back", -30],
  ])(
    "a wall clock that is set %s by hours during a run delays no retry and loses nothing",
    async (_, hours) => {
      const cwd = tempFolder();
      const prompts = writePrompts(cwd, 60);
      const file = join(tempFolder(), "jump");
      const failedOnce = new Set<string>();
      const provider = await oddProvider((call, response) => {
        const fails = /is \d*[05] /.test(call.prompt) && !failedOnce.has(call.prompt);
        failedOnce.add(call.prompt);
        if (provider.calls.length === 30) writeFileSync(file, "");
        if (fails) send(response, "{}", 500);
        else echo(call, response);
      });
      const quick = ["-c", "4", "--backoff-base", "20ms", "--backoff-max", "100ms", "--deadline", "30s"];
      const args = [
        "run",
        "prompts.jsonl",
        ...provider.at,
        ...quick,
        "-o",
        "results.jsonl",
        "--log-file",
        "log",
      ];
      const env = standIn(tempFolder())({ clockJump: { file, seconds: hours * 3_600 } });
      const { code, stderr } = await runCli(args, { cwd, env });
      expect(code, stderr).toBe(0);
      expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
      const lines = readFileSync(join(cwd, "log"), "utf8").trimEnd().split("\n");
      const [first, last] = [lines[0]!, lines.at(-1)!].map((line) => Date.parse(JSON.parse(line).ts));
      expect(Math.round((last! - first!) / HOUR_MS)).toBe(hours);
    },
  );
});
