import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

/** Paths that not even root can look at, by why. */
const PATHS = [
  ["prompts.jsonl/x.jsonl", "a part of the path is no folder"],
  ["circle.jsonl", "its links lead in a circle"],
  [`${"x".repeat(300)}.jsonl`, "its name is too long"],
] as const;

function folder(): string {
  const cwd = tempFolder();
  writePrompts(cwd, 2);
  symlinkSync("circle.jsonl", join(cwd, "circle.jsonl"));
  return cwd;
}

describe.each(PATHS)("%s is refused, and why", (path, why) => {
  const run = ["run", "prompts.jsonl", "--provider", "sim"];
  test.each([
    ["an input", "INPUT_UNREADABLE", ["run", path, "--provider", "sim"]],
    ["an input to plan", "INPUT_UNREADABLE", ["plan", path, "-m", "m"]],
    ["-o", "OUTPUT_UNWRITABLE", [...run, "-o", path]],
    ["--log-file", "OUTPUT_UNWRITABLE", [...run, "--log-file", path]],
    ["--price-file", "FILE_UNREADABLE", [...run, "--price-file", path]],
    ["--template", "FILE_UNREADABLE", [...run, "--template", `@${path}`]],
    ["--config", "CONFIG_UNREADABLE", [...run, "--config", path]],
  ])("as %s", async (_, errorCode, args) => {
    const { code, stderr } = await runHere(args, { cwd: folder() });
    expect(stderr).toContain(`${errorCode}: `);
    expect(stderr.replace(/\s+/g, " ")).toContain(why);
    expect(code).toBe(2);
  });
});

test("a file in the place of the output's folder is told before anything is sent", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "out"), "");
  const args = ["run", "prompts.jsonl", "--provider", "sim", "-o", "out/results.jsonl"];
  const { code, stderr } = await runHere(args, { cwd });
  expect(stderr).toContain("OUTPUT_UNWRITABLE: out/results.jsonl: ");
  expect(stderr).not.toContain("rows from");
  expect(code).toBe(2);
});

describe("standard input", () => {
  const args = ["run", "-", "--format", "jsonl", "--provider", "sim"];
  const stdin = '{"prompt":"hi"}\n';

  test("needs a folder for a copy, which is named with the way to another", async () => {
    const cwd = folder();
    const env = { TMPDIR: join(cwd, "none") };
    const { code, stderr } = await runCli(args, { cwd, env, stdin });
    expect(stderr).toMatch(
      /^OUTPUT_UNWRITABLE: .*none: can't take a copy .*no such file\nhint: .*TMPDIR=DIR/,
    );
    expect(code).toBe(2);
  });

  test("of more than the disk takes is told with the folder", async () => {
    const cwd = folder();
    const command = 'ulimit -f 2000; yes \'{"prompt":"hi"}\' | head -200000 | "$@"';
    const bin = new URL("../../bin/llm-batch.js", import.meta.url).pathname;
    const run = spawnSync("sh", ["-c", command, "sh", process.execPath, bin, ...args], { cwd });
    const stderr = run.stderr.toString();
    expect(stderr).toMatch(/^DISK_FULL: .*: can't take a copy of standard input/);
    expect(run.status).toBe(2);
  });
});

test.each(["a device", "a pipe"])("%s is no database", async (kind) => {
  const cwd = folder();
  const path = kind === "a device" ? "/dev/null" : "pipe";
  spawnSync("sh", ["-c", "mkfifo pipe"], { cwd });
  const { code, stderr } = await runHere(["status", "--db", path], { cwd });
  expect(stderr).toMatch(/^DB_UNREADABLE: .*it is a device or a pipe/);
  expect(code).toBe(2);
});

test.runIf(process.getuid?.() === 0)(
  "a config file that may not be looked for is told with the ways on",
  () => {
    const cwd = folder();
    mkdirSync(join(cwd, "closed"), { mode: 0o700 });
    const bin = new URL("../../bin/llm-batch.js", import.meta.url).pathname;
    const uid = 12_345;
    const run = spawnSync(process.execPath, [bin, "plan", "../prompts.jsonl"], {
      cwd: join(cwd, "closed"),
      uid,
      gid: uid,
    });
    expect(run.stderr.toString()).toMatch(
      /^CONFIG_UNREADABLE: llm-batch\.yaml: .*\nhint: it is looked for in the working/,
    );
  },
);
