import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type Ended, runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { chatText, echo, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { databaseFor, stopBetweenWrites } from "../helpers/test-database.ts";

const BIN = join(import.meta.dirname, "../../bin/llm-batch.js");

/** Runs a line of shell in which `$LLM_BATCH` is the command. */
async function shell(cwd: string, line: string): Promise<Ended> {
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    ...databaseFor(cwd),
    LLM_BATCH: `${process.execPath} ${BIN}`,
  };
  const child = spawn("bash", ["-c", line], { cwd, env });
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, signal, stdout, stderr };
}

function expectReadable({ stderr }: Ended, code: string): void {
  expect(stderr).toMatch(new RegExp(`^${code}: .+\nhint: .+`, "m"));
  expect(stderr).not.toMatch(/\n\s+at /);
}

describe("the database", () => {
  test("locked by another tool is waited for, while the run goes on afterwards and loses nothing", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 60);
    let lock: Database.Database | null = null;
    const provider = await oddProvider((call, response) => {
      if (provider.calls.length === 20) {
        lock = new Database(join(cwd, "llm-batch.db"));
        lock.exec("BEGIN IMMEDIATE");
        setTimeout(() => lock!.close(), 500);
      }
      echo(call, response);
    });
    const args = ["run", "prompts.jsonl", ...provider.at, "-c", "4", "-o", "results.jsonl"];
    expect((await runCli(args, { cwd })).code).toBe(0);
    expect(lock).not.toBeNull();
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect(provider.calls).toHaveLength(60);
  });

  test.each([
    ["deleted", "llm-batch.db", "delete"],
    ["replaced", "llm-batch.db", "replace"],
    ["robbed of its -wal file", "llm-batch.db-wal", "delete"],
  ])("%s during a run stops it at once, and says so", async (_, file, how) => {
    const cwd = tempFolder();
    writePrompts(cwd, 500);
    const provider = await oddProvider((call, response) => {
      if (provider.calls.length === 20) {
        rmSync(join(cwd, file));
        if (how === "replace") writeFileSync(join(cwd, file), "");
      }
      echo(call, response);
    });
    const args = ["run", "prompts.jsonl", ...provider.at, "-c", "2", "-o", "results.jsonl"];
    const ended = await runCli(args, { cwd });
    expect(ended.code).toBe(75);
    expectReadable(ended, "DB_GONE");
    expect(provider.calls.length).toBeLessThan(60);
    expect(existsSync(join(cwd, "results.jsonl"))).toBe(false);
  });

  test("with a damaged page is refused readably, and no results are written from it", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 500);
    const provider = await oddProvider(echo);
    expect((await runHere(["run", "prompts.jsonl", ...provider.at, "-c", "16"], { cwd })).code).toBe(0);
    const file = join(cwd, "llm-batch.db");
    const pages = Math.floor(statSync(file).size / 4_096);
    const db = openSync(file, "r+");
    for (let page = 8; page < pages; page += 2)
      writeSync(db, Buffer.alloc(2_048, 0xa5), 0, 2_048, page * 4_096);
    closeSync(db);
    const exported = await runCli(["export", "-o", "results.jsonl"], { cwd });
    expect(exported.code).toBe(2);
    expectReadable(exported, "DB_CORRUPT");
    expect(readdirSync(cwd).filter((name) => name.includes("results"))).toEqual([]);
    const again = await runCli(["run", "prompts.jsonl", ...provider.at, "--new"], { cwd });
    expect(again.code).toBe(2);
    expectReadable(again, "DB_CORRUPT");
  });
});

describe("huge texts", () => {
  test("a row of 16 MB and an answer of 16 MB go through whole", async () => {
    const cwd = tempFolder();
    const huge = "é".repeat(8 * 1024 * 1024);
    writeFileSync(join(cwd, "prompts.jsonl"), `${JSON.stringify({ prompt: huge })}\n{"prompt":"small"}\n`);
    const provider = await oddProvider((call, response) =>
      send(response, chatText(`${call.prompt} ${huge}`)),
    );
    const args = ["run", "prompts.jsonl", ...provider.at, "-c", "1", "-o", "results.jsonl"];
    expect((await runCli(args, { cwd })).code).toBe(0);
    const [first, second] = readResults(cwd);
    expect(first!.input.prompt === huge && first!.output === `${huge} ${huge}`).toBe(true);
    expect(second!.output === `small ${huge}`).toBe(true);
  });
});

describe("the streams and processes around it", () => {
  test("a reader of stdout that goes away ends an export quietly", async () => {
    const cwd = tempFolder();
    // 300 KB: five times what a pipe holds.
    writePrompts(cwd, 1_000);
    const provider = await oddProvider(echo);
    await runHere(["run", "prompts.jsonl", ...provider.at, "-c", "64"], { cwd });
    const { code, stdout, stderr } = await shell(
      cwd,
      "$LLM_BATCH export -o - | head -1; echo $" + "{PIPESTATUS[0]} >&2",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: "q-1" });
    expect(stderr).toBe("0\n");
  });

  test("a reader of stderr that goes away doesn't end a run", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 40);
    const provider = await oddProvider((call, response) =>
      /is \d*[05] /.test(call.prompt)
        ? send(response, '{"error":{"message":"no"}}', 400)
        : echo(call, response),
    );
    const { process: child, ended } = startCli(
      ["run", "prompts.jsonl", ...provider.at, "-c", "2", "-v", "-o", "results.jsonl"],
      { cwd },
    );
    child.stderr!.destroy();
    expect((await ended).code).toBe(3);
    expect(readResults(cwd)).toHaveLength(prompts.length);
  });

  test("a process that was stopped and woken again doubles nothing", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 120);
    const held: (() => void)[] = [];
    const provider = await oddProvider((call, response) => {
      const answer = (): void => echo(call, response);
      const isHeld = provider.calls.length > 20 && held.length < 4;
      if (isHeld) held.push(answer);
      else setTimeout(answer, 5);
      if (isHeld && held.length === 4) stopBetweenWrites(first.process, cwd);
    });
    const first = startCli(["run", "prompts.jsonl", ...provider.at, "-c", "4"], { cwd });
    await expect.poll(() => held.length).toBe(4);
    const second = startCli(["resume"], { cwd });
    // All that the stopped one has not claimed: its window is at most five times its concurrency.
    await expect.poll(() => provider.calls.length).toBeGreaterThanOrEqual(100);
    first.process.kill("SIGCONT");
    for (const answer of held) answer();
    expect((await first.ended).code).toBe(0);
    expect((await second.ended).code).toBe(0);
    await runHere(["export", "-o", "results.jsonl"], { cwd });
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect(provider.calls).toHaveLength(prompts.length);
  });

  test("a stopped process whose rows were taken over wakes up and overwrites nothing", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 40);
    const held: (() => void)[] = [];
    const provider = await oddProvider((call, response) => {
      const isHeld = provider.calls.length > 10 && held.length < 4;
      if (isHeld) held.push(() => send(response, chatText("too late")));
      // So slow that the claims of the first are old when it wakes.
      else setTimeout(() => echo(call, response), held.length === 4 ? 200 : 5);
      if (isHeld && held.length === 4) stopBetweenWrites(first.process, cwd);
    });
    const first = startCli(["run", "prompts.jsonl", ...provider.at, "-c", "4"], { cwd });
    await expect.poll(() => held.length).toBe(4);
    // Without its lock file a living process is taken for dead; a server does so when its lease has run out.
    rmSync(join(cwd, "llm-batch.db-lock-1"), { force: true });
    const second = await runCli(["resume", "-o", "results.jsonl"], { cwd });
    expect(second.code).toBe(0);
    expect(second.stderr).toContain("at most 4 calls are in doubt");
    first.process.kill("SIGCONT");
    for (const answer of held) answer();
    const { code, stderr } = await first.ended;
    expect(code).toBe(0);
    expect(stderr.match(/it is kept with its attempts$/gm)).toHaveLength(4);
    await runHere(["export", "-o", "again.jsonl"], { cwd });
    expect(provider.calls).toHaveLength(prompts.length + held.length);
    for (const name of ["results.jsonl", "again.jsonl"])
      expect(readResults(cwd, name).map(({ output }) => output)).toEqual(prompts);
    const doctor = await runHere(["doctor", "--provider", "sim"], { cwd });
    expect(doctor.stdout).not.toMatch(/^(failed|warning)/m);
  });

  test("too few file descriptors for calls and the database's own files end a run as resumable", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2_000);
    // The provider is in the same process, and resets connections for want of files: an outage, after which 30 s are waited.
    const run = "$LLM_BATCH run prompts.jsonl --provider sim --sim latency=500ms --breaker-cooldown 50ms";
    const ended = await shell(cwd, `ulimit -n 1024; ${run} -c 2000`);
    expect(ended.code, ended.stderr).toBe(75);
    expectReadable(ended, "TOO_MANY_FILES");
    const { stops } = JSON.parse((await runCli(["status", "--json"], { cwd })).stdout);
    expect(stops).toMatchObject([{ code: "TOO_MANY_FILES" }]);
    const again = await shell(cwd, `${run} -c 1000 -o results.jsonl`);
    expect(again.code, again.stderr).toBe(0);
    expect(readResults(cwd)).toHaveLength(2_000);
  });

  test("too few file descriptors end a run readably, and it can be resumed", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 60);
    const provider = await oddProvider((call, response) => setTimeout(() => echo(call, response), 20));
    const { url } = provider;
    for (const most of [64, 80, 96]) {
      const ended = await shell(
        cwd,
        `ulimit -n ${most}; $LLM_BATCH run prompts.jsonl --base-url ${url} -m m -c 64`,
      );
      if (ended.code === 0) continue;
      expect(ended.code, `with ${most}: ${ended.stderr}`).toBe(75);
      expectReadable(ended, "TOO_MANY_FILES");
    }
    const args = ["run", "prompts.jsonl", "--base-url", url, "-m", "m", "-o", "results.jsonl"];
    expect((await runCli(args, { cwd })).code).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
  });
});
