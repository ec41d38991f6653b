import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Ended, runCli, tempFolder } from "../helpers/cli.ts";
import { chatText, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

const mounts: string[] = [];
const canMount = tryMount();
if (!canMount)
  process.stderr.write("SKIPPED: full and read-only disks, since this user can't mount a tmpfs\n");

/** Through the shell: these are the system's tools and no dependencies of the package. */
function system(...command: string[]): boolean {
  return spawnSync("sh", ["-c", '"$@"', "sh", ...command]).status === 0;
}

function mount(...args: string[]): boolean {
  return system("mount", ...args);
}

function tryMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-mount-"));
  const mounted = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
  if (mounted) system("umount", folder);
  rmdirSync(folder);
  return mounted;
}

afterEach(() => {
  for (const folder of mounts.splice(0)) system("umount", folder);
});

/** A file system of its own within `cwd`. */
async function smallDisk(cwd: string, size: string): Promise<string> {
  const folder = join(cwd, "disk");
  await mkdir(folder);
  expect(mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder)).toBe(true);
  mounts.push(folder);
  return folder;
}

function expectReadable({ code, stderr }: Ended, errorCode: string, exitCode: number): void {
  expect(stderr).toMatch(new RegExp(`^${errorCode}: .+\nhint: .+`, "m"));
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(exitCode);
}

const long = (prompt: string): string => `${prompt} ${"x".repeat(4_000)}`;

test.runIf(canMount)(
  "a disk that is full during the import: nothing is sent; with more space it starts over",
  async () => {
    const cwd = tempFolder();
    const disk = await smallDisk(cwd, "1m");
    const prompts = writePrompts(cwd, 20_000);
    const provider = await oddProvider(({ prompt }, response) => send(response, chatText(prompt)));
    const args = ["run", "prompts.jsonl", ...provider.at, "--db", "disk/jobs.db", "--deadline", "1ms"];
    expectReadable(await runCli(args, { cwd }), "DISK_FULL", 75);
    expect(provider.calls).toHaveLength(0);
    mount("-o", "remount,size=64m", disk);
    expect((await runCli(args, { cwd })).code).toBe(75);
    const { stdout } = await runHere(["status", "--json", "--db", "disk/jobs.db"], { cwd });
    expect(JSON.parse(stdout).jobs.total).toBe(prompts.length);
  },
);

test.runIf(canMount)("a disk that is full while a large file is read by a thread of its own", async () => {
  const cwd = tempFolder();
  const disk = await smallDisk(cwd, "2m");
  const rows = Array.from({ length: 30_000 }, (_, row) =>
    JSON.stringify({ prompt: `${row} ${"x".repeat(300)}` }),
  );
  writeFileSync(join(cwd, "rows.jsonl"), rows.join("\n"));
  const args = ["run", "rows.jsonl", "--provider", "sim", "--db", "disk/jobs.db", "--detach"];
  expectReadable(await runCli(args, { cwd }), "DISK_FULL", 75);
  mount("-o", "remount,size=128m", disk);
  expect((await runCli(args, { cwd })).code).toBe(0);
  const { stdout } = await runHere(["status", "--json", "--db", "disk/jobs.db"], { cwd });
  expect(JSON.parse(stdout).jobs.total).toBe(rows.length);
});

test.runIf(canMount)(
  "a disk that is full during the run: what is recorded stays, and the run goes on later",
  async () => {
    const cwd = tempFolder();
    const disk = await smallDisk(cwd, "1m");
    const prompts = writePrompts(cwd, 300);
    const provider = await oddProvider(({ prompt }, response) => send(response, chatText(long(prompt))));
    const db = ["--db", "disk/jobs.db"];
    const stopped = await runCli(["run", "prompts.jsonl", ...provider.at, ...db, "-c", "4"], { cwd });
    expectReadable(stopped, "DISK_FULL", 75);
    const { stdout } = await runHere(["status", "--json", ...db], { cwd });
    const { succeeded } = JSON.parse(stdout === "" ? '{"jobs":{"succeeded":0}}' : stdout).jobs;
    mount("-o", "remount,size=64m", disk);
    expect((await runCli(["resume", ...db, "-o", "results.jsonl"], { cwd })).code).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts.map(long));
    expect(succeeded).toBeGreaterThan(0);
    // The answers in hand were kept on another disk.
    expect(stopped.stderr).toMatch(/^\d answers? (is|are) not on record yet: kept in .*spool/m);
    expect(provider.calls).toHaveLength(prompts.length);
  },
);

test.runIf(canMount)(
  "a disk that is full during the export: no part of a file is left, and another disk will do",
  async () => {
    const cwd = tempFolder();
    const disk = await smallDisk(cwd, "64k");
    const prompts = writePrompts(cwd, 100);
    const provider = await oddProvider(({ prompt }, response) => send(response, chatText(long(prompt))));
    const args = ["run", "prompts.jsonl", ...provider.at, "-c", "16"];
    expectReadable(await runCli([...args, "-o", "disk/results.jsonl"], { cwd }), "DISK_FULL", 75);
    expect(readdirSync(disk)).toEqual([]);
    expect((await runHere(["export", "-o", "results.jsonl"], { cwd })).code).toBe(0);
    expect(readResults(cwd)).toHaveLength(prompts.length);
    expect(provider.calls).toHaveLength(prompts.length);
  },
);

test.runIf(canMount)("a read-only disk: every command says so, and nothing is sent", async () => {
  const cwd = tempFolder();
  const disk = await smallDisk(cwd, "8m");
  writePrompts(cwd, 5);
  const provider = await oddProvider(({ prompt }, response) => send(response, chatText(prompt)));
  const args = ["run", "prompts.jsonl", ...provider.at, "--db", "disk/jobs.db"];
  expect((await runHere(args, { cwd })).code).toBe(0);
  writeFileSync(join(disk, "other.jsonl"), '{"prompt":"p"}\n');
  mount("-o", "remount,ro", disk);
  for (const command of [
    [...args, "--new"],
    ["status", "--db", "disk/jobs.db"],
  ]) {
    const { code, stderr } = await runCli(command, { cwd });
    expect(stderr).toMatch(/^DB_(READ_ONLY|UNREADABLE): .+\nhint: .+/);
    expect(code).toBe(2);
  }
  expect(provider.calls).toHaveLength(5);
  mount("-o", "remount,rw", disk);
  expect((await runCli([...args, "--new"], { cwd })).code).toBe(0);
});

test.runIf(canMount).each([3, 4])(
  "a disk with room for bytes and for no more than %i files",
  async (files) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    await smallDisk(cwd, `5m,nr_inodes=${files}`);
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--db", "disk/jobs.db"];
    expectReadable(await runCli(args, { cwd }), "DISK_FULL", 75);
  },
);
