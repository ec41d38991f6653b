import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { splitWords } from "../helpers/shell-words.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { BIN } from "../helpers/start-cli.ts";

async function finishedRun(
  rows: number,
  ...settings: [string, string][]
): Promise<{ cwd: string; id: string }> {
  const cwd = tempFolder();
  writePrompts(cwd, rows);
  const simulator = await simulate(...settings);
  const flags = ["-c", "4", "--max-attempts", "2", "--backoff-base", "1ms", "--backoff-max", "2ms"];
  const { stdout } = await runCli(["run", "prompts.jsonl", ...at(simulator), ...flags, "--json"], { cwd });
  return { cwd, id: lastLine(stdout).run };
}

/** What an exported row tells of the attempt that made it. */
function attemptOf({ provider, latency_ms, raw }: { provider: string; latency_ms: number; raw: object }) {
  const rest = { code: null, message: null, http_status: 200, retry_after_ms: null };
  return { ...rest, provider, latency_ms, raw, request_id: expect.any(String) };
}

describe("commands over the job table", () => {
  test("status prints the figures for people and as JSON", async () => {
    const { cwd, id } = await finishedRun(7);
    const text = await runCli(["status"], { cwd });
    expect(text.stdout).toContain(`${id} finished: prompts.jsonl`);
    expect(text.stdout).toContain("7 of 7 succeeded");
    const json = JSON.parse((await runCli(["status", id, "--json"], { cwd })).stdout);
    expect(json).toMatchObject({ run: id, state: "finished", jobs: { succeeded: 7 } });
  });

  test("show prints a row with every attempt that didn't succeed", async () => {
    const { cwd, id } = await finishedRun(3, ["fault", "500:match=What is 2 plus:times=1"]);
    const { stdout } = await runCli(["show", id, "q-2"], { cwd });
    expect(stdout).toContain("q-2: succeeded, 2 attempts, 1 failure");
    expect(stdout).toMatch(/attempt 1 +[\d-]+ [\d:]+ +transient +HTTP 500 +\S+ +by \S+ +req_\w+ +\w+: .+/);
    const missing = await runCli(["show", id, "q-99"], { cwd });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^ROW_NOT_FOUND: .*"q-99"/);
  });

  test("show --json has a row as the export has it, and its attempts in the same words", async () => {
    const { cwd, id } = await finishedRun(3, ["fault", "500:match=What is 2 plus:times=1"]);
    const exported = await runCli(["export", id, "-o", "-", "--include", "raw"], { cwd });
    const line = JSON.parse(exported.stdout.split("\n")[1]!);
    const { history, ...row } = JSON.parse((await runCli(["show", id, "q-2", "--json"], { cwd })).stdout);
    expect(row).toEqual({ ...line, state: "succeeded", failures: 1, available_at: null });
    expect(history).toEqual([
      expect.objectContaining({ attempt: 1, kind: "transient", http_status: 500, code: "server_error" }),
      { ...attemptOf(line), attempt: 2, kind: "succeeded", sent_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  test("show tells the answers to one row apart", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const sampled = ["run", "prompts.jsonl", "--provider", "sim", "--samples", "2"];
    const [, id] = /^(r_\w+):/.exec((await runCli(sampled, { cwd })).stderr)!;
    expect((await runCli(["show", id!, "q-1#2"], { cwd })).stdout).toContain("q-1#2: succeeded");
  });

  test("a setting that the simulator doesn't have is refused before a run is made", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const args = ["run", "prompts.jsonl", "--provider", "sim"];
    const refused = await runCli([...args, "--sim", "rmp=60"], { cwd });
    expect(refused.stderr).toMatch(/^BAD_OPTION: .*"rmp"\nhint: did you mean rpm\?/);
    expect(refused.code).toBe(2);
    const { stderr } = await runCli(args, { cwd });
    expect(stderr).toMatch(/^r_\w+: 1 row from prompts\.jsonl$/m);
  });

  test("prices from a pipe, which no resume could read again, are refused before a run is made", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    spawnSync("sh", ["-c", "mkfifo pipe"], { cwd });
    const args = ["run", "prompts.jsonl", ...at(await simulate()), "--price-file", "pipe"];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^BAD_PRICE_FILE: pipe: is a pipe.*\nhint: .*file/);
  });

  test("a price file that is wrong is told before a run is made, and ends a resume", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    writeFileSync(join(cwd, "prices.yaml"), "{");
    const prices = ["--price-file", "prices.yaml"];
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
    const refused = await runCli([...args, ...prices], { cwd });
    expect(refused.stderr).toMatch(/^BAD_PRICE_FILE: prices\.yaml:/);
    expect((await runCli(["runs", "--json"], { cwd })).stdout).not.toMatch(/"run":/);
    await runCli(args, { cwd });
    const resumed = await runCli(["resume", ...prices], { cwd });
    expect(resumed.stderr).toMatch(/^BAD_PRICE_FILE: prices\.yaml:/m);
    expect(resumed.code).toBe(2);
  });

  test("status of a run that nobody is at names the command that goes on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
    const { run } = lastLine((await runCli([...args, "--json"], { cwd })).stdout);
    const lastLines = async (): Promise<string[]> =>
      (await runCli(["status"], { cwd })).stdout.trimEnd().split("\n").slice(-3);
    expect(await lastLines()).toEqual([
      expect.stringMatching(/^ {2}the token budget is used up: \d+ of --max-total-tokens 1$/),
      "  go on:",
      `    llm-batch resume ${run} --max-total-tokens MORE`,
    ]);
    writeFileSync(join(cwd, "llm-batch.yaml"), "no-such-setting: 1\n");
    expect((await lastLines()).slice(1)).toEqual(["  go on:", `    llm-batch resume ${run}`]);
    rmSync(join(cwd, "llm-batch.yaml"));
    await runCli(["resume", "--max-total-tokens", "1000"], { cwd });
    expect((await runCli(["status"], { cwd })).stdout).not.toContain("llm-batch resume");
  });

  test("the commands that a stopped run names work one after the other", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 3);
    const args = ["run", "prompts.jsonl", "--provider", "sim", "-c", "1", "-o", "results.jsonl"];
    const { stderr } = await runCli([...args, "--max-total-tokens", "1"], { cwd });
    const named = stderr.match(/^ {4}llm-batch .*$/gm)!.map((line) => line.replace("MORE", "1_000"));
    expect(named).toHaveLength(2);
    for (const line of named) expect((await runCli(splitWords(line).slice(1), { cwd })).code).toBe(0);
    expect(readResults(cwd)).toHaveLength(prompts.length);
  });

  test("commands that are named go to the database that was named", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const db = ["--db", "my jobs.db"];
    const simulator = await simulate(["fault", "401"]);
    const stopped = await runCli(["run", "prompts.jsonl", ...at(simulator), ...db, "-o", "out.jsonl"], {
      cwd,
    });
    const named = (text: string): string[] => text.match(/^ +llm-batch .*/gm)!;
    const status = async (): Promise<string> => (await runCli(["status", ...db], { cwd })).stdout;
    const refused = await status();
    for (const text of [stopped.stderr, refused])
      expect(text).toMatch(/^ {2}when the key or the account is mended, go on:\n {4}llm-batch resume /m);
    await runCli(["breaker", "open", ...db], { cwd });
    const commands = [stopped.stderr, refused, await status()].flatMap(named);
    expect(commands.map((line) => / (export|breaker reset|resume) /.exec(line)![1])).toEqual([
      "export",
      "resume",
      "resume",
      "breaker reset",
      "resume",
    ]);
    expect(commands.filter((line) => !line.endsWith(" --db 'my jobs.db'"))).toEqual([]);
    const reset = splitWords(commands.find((line) => line.includes("breaker reset"))!).slice(1);
    expect((await runCli(reset, { cwd })).stdout).toMatch(/ closed /);
  });

  test("commands that are named take the file with the key along", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    writeFileSync(join(cwd, "my keys"), "MY_KEY=sk-1\n");
    const args = ["run", "prompts.jsonl", ...at(await simulate()), "--api-key-env", "MY_KEY"];
    const keys = ["--env-file", "my keys"];
    const stopped = await runCli([...args, ...keys, "-c", "1", "--max-total-tokens", "1"], { cwd });
    const resume = /llm-batch resume .*/.exec(stopped.stderr)![0].replace("MORE", "1_000");
    const { code, stderr } = await runCli(splitWords(resume).slice(1), { cwd });
    expect(stderr).toContain("2 of 2 succeeded");
    expect(code).toBe(0);
  });

  test.each(["--help", "-q", "of $HOME"])(
    "the command that shows a failed row takes its id: %s",
    async (id) => {
      const cwd = tempFolder();
      writeFileSync(join(cwd, "prompts.jsonl"), JSON.stringify({ id, prompt: "hi" }));
      const args = ["run", "prompts.jsonl", ...at(await simulate(["fault", "400"])), "--db", "my jobs.db"];
      const { stderr } = await runCli(args, { cwd });
      const [show] = /llm-batch show .*/.exec(stderr)!;
      const { stdout } = await runCli(splitWords(show).slice(1), { cwd });
      expect(stdout.startsWith(`${id}: failed, `)).toBe(true);
    },
  );

  test("a run of standard input is told as that", async () => {
    const cwd = tempFolder();
    const stdin = '{"prompt":"Hello"}\n';
    const { stderr } = await runCli(["run", "-", "--provider", "sim"], { cwd, stdin });
    expect(stderr).toMatch(/^r_\w+: 1 row from standard input$/m);
    expect((await runCli(["status"], { cwd })).stdout).toMatch(/^r_\w+ finished: standard input\n/);
    expect((await runCli(["runs"], { cwd })).stdout).toMatch(/ standard input\n$/);
    expect((await runCli(["report", "-o", "-"], { cwd })).stdout).toContain('"input":"standard input"');
  });

  test("resume says which run it has chosen", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
    const { stdout } = await runCli([...args, "--json"], { cwd });
    const { stderr } = await runCli(["resume"], { cwd });
    expect(stderr).toMatch(new RegExp(`^continuing ${lastLine(stdout).run}$`, "m"));
  });

  test("resume has nothing to do where no run is unfinished", async () => {
    const { cwd } = await finishedRun(1);
    const { code, stderr } = await runCli(["resume"], { cwd });
    expect(stderr).toMatch(/^nothing to resume: no run of \S+ is unfinished\n$/);
    expect(code).toBe(0);
    const { stdout } = await runCli(["resume", "--json"], { cwd });
    expect(JSON.parse(stdout)).toEqual({ run: null });
  });

  test("retry puts failed rows back and sends them", async () => {
    const { cwd, id } = await finishedRun(5, ["fault", "500:match=What is 3 plus:times=2"]);
    expect(JSON.parse((await runCli(["status", "--json"], { cwd })).stdout).jobs.failed).toBe(1);
    const onlyBack = await runCli(["retry", id, "--code", "NO_SUCH_CODE", "--no-drain"], { cwd });
    expect(onlyBack.stderr).toContain("0 failed rows");
    expect(onlyBack.stderr).not.toContain("resume");
    const missing = await runCli(["retry", id, "--id", "q-99"], { cwd });
    expect(missing.stderr).toMatch(/^ROW_NOT_FOUND: .*"q-99"/);
    expect(missing.code).toBe(2);
    const { code, stderr } = await runCli(["retry", id, "--id", "q-3"], { cwd });
    expect(stderr).toContain("1 failed row is pending again");
    expect(code).toBe(0);
    await runCli(["export", id, "-o", "results.jsonl"], { cwd });
    expect(readResults(cwd)[2]).toMatchObject({ status: "succeeded", attempts: 3 });
  });

  test("retry that sends nothing names the command that does", async () => {
    const { cwd, id } = await finishedRun(3, ["fault", "context-length:match=What is 3 plus"]);
    const { stderr } = await runCli(["retry", "--no-drain"], { cwd });
    expect(stderr).toBe(`${id}: 1 failed row is pending again; to send it: llm-batch resume ${id}\n`);
  });

  test("an id that stands in two inputs is told with their names", async () => {
    const cwd = tempFolder();
    for (const name of ["a.jsonl", "b.jsonl"])
      writeFileSync(join(cwd, name), '{"id":"q","prompt":"Hello"}\n');
    const { stderr } = await runCli(["run", "a.jsonl", "b.jsonl", "--provider", "sim"], { cwd });
    expect(stderr).toMatch(
      /^DUPLICATE_ID: the id "q" stands on line 1 of a\.jsonl and again on line 1 of b\.jsonl\n/,
    );
  });

  test("retry changes nothing when its options are wrong", async () => {
    const { cwd } = await finishedRun(3, ["fault", "context-length:match=What is 3 plus"]);
    const refused = await runCli(["retry", "--rpm", "many"], { cwd });
    expect(refused.code).toBe(2);
    expect(JSON.parse((await runCli(["status", "--json"], { cwd })).stdout).jobs).toMatchObject({
      failed: 1,
      pending: 0,
    });
  });

  test("hints name commands that go to the database that was named, but for the help", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const db = ["--db", "my jobs.db"];
    const hintOf = async (...args: string[]): Promise<string> =>
      /^hint: (.*)$/m.exec((await runCli([...args, ...db], { cwd })).stderr)![1]!;
    expect(await hintOf("resume")).toContain("`llm-batch run <input> --db 'my jobs.db'`");
    const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
    const { run } = lastLine((await runCli([...args, ...db, "--json"], { cwd })).stdout);
    expect(await hintOf("export", "-o", "out.jsonl")).toBe(
      `finish it with \`llm-batch resume ${run} --db 'my jobs.db'\`, or take what is there: ` +
        `\`llm-batch export ${run} --partial -o partial-out.jsonl --db 'my jobs.db'\``,
    );
    writePrompts(cwd, 4);
    expect(await hintOf(...args)).toContain(`\`llm-batch resume ${run} --db 'my jobs.db'\``);
    expect(await hintOf("show", run, "--no-such-flag")).not.toContain("--db");
    expect(await hintOf("status", "r_unknown1")).toContain("`llm-batch runs --db 'my jobs.db'`");
  });

  test.each([
    ["run 'no folder/in.jsonl' --db 'no folder/x.db'", "mkdir -p 'no folder'"],
    ["run prompts.jsonl -o 'no folder/out.jsonl'", "mkdir -p 'no folder'"],
    ["run 'a folder'", "'a folder'/*.jsonl"],
    ["run 'cut off.jsonl.gz'", "gzip -t 'cut off.jsonl.gz'"],
    ["run 'of windows.jsonl'", "iconv -f UTF-16 -t UTF-8 'of windows.jsonl' > utf8-file"],
    ["export -o 'my results.csv'", "--partial -o 'partial-my results.csv'`"],
    ["export --partial -o 'no folder/out.csv'", "mkdir -p 'no folder'"],
    ["report -o 'no folder/report.html'", "mkdir -p 'no folder'"],
  ])("the hint of %s has %s", async (line, part) => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    mkdirSync(join(cwd, "a folder"));
    writeFileSync(join(cwd, "cut off.jsonl.gz"), gzipSync("{}\n").subarray(0, 12));
    writeFileSync(join(cwd, "of windows.jsonl"), Buffer.from("\ufeff{}\n", "utf16le"));
    const env = { LLM_BATCH_PROVIDER: "sim" };
    await runCli(["run", "prompts.jsonl", "--detach"], { cwd, env });
    const { stderr } = await runCli(splitWords(line), { cwd, env });
    expect(stderr.slice(stderr.indexOf("hint: "))).toContain(part);
  });

  test.each(["resume", "cancel", "retry", "rm r_x", "breaker reset", "work --exit-when-idle"])(
    "%s makes no new database",
    async (line) => {
      const cwd = tempFolder();
      const { code, stderr } = await runCli([...line.split(" "), "--db", "typo.db"], { cwd });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^DB_NOT_FOUND: typo\.db|^DB_NOT_FOUND: .*typo\.db/);
      expect(existsSync(join(cwd, "typo.db"))).toBe(false);
    },
  );

  test("cancel ends what is unfinished, and the export says so", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["latency", "50ms"]);
    await runCli(["run", "prompts.jsonl", ...at(simulator), "-c", "4", "--deadline", "1ms"], { cwd });
    expect((await runCli(["cancel"], { cwd })).stderr).toContain("rows cancelled");
    expect(JSON.parse((await runCli(["status", "--json"], { cwd })).stdout).state).toBe("cancelled");
    await runCli(["export", "-o", "results.jsonl"], { cwd });
    expect(readResults(cwd).filter(({ status }) => status === "pending")).toEqual([]);
    const again = await runCli(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/^RUN_CANCELLED: [\s\S]*--new/);
  });

  test("runs lists, rm deletes", async () => {
    const { cwd, id } = await finishedRun(2);
    expect((await runCli(["runs"], { cwd })).stdout).toContain(id);
    expect((await runCli(["rm", id], { cwd })).code).toBe(0);
    expect(JSON.parse((await runCli(["runs", "--json"], { cwd })).stdout)).toEqual([]);
    expect((await runCli(["status", id], { cwd })).stderr).toMatch(/^RUN_NOT_FOUND: /);
  });

  test("export writes to stdout, filters by status and adds the raw response", async () => {
    const { cwd } = await finishedRun(4, ["fault", "context-length:match=What is 1 plus"]);
    const failed = await runCli(["export", "-o", "-", "--status", "failed"], { cwd });
    expect(
      failed.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ).toEqual(["q-1"]);
    const raw = await runCli(["export", "-o", "-", "--status", "succeeded", "--include", "raw"], { cwd });
    expect(JSON.parse(raw.stdout.split("\n")[0]!).raw).toMatchObject({ object: "chat.completion" });
    const csv = await runCli(["export", "-o", "-", "--output-format", "csv"], { cwd });
    expect(csv.stdout.split("\n")[0]).toContain("llm_status,llm_output");
  });

  test("breaker shows the endpoints and moves one by hand", async () => {
    const { cwd } = await finishedRun(2);
    const [shown] = JSON.parse((await runCli(["breaker", "--json"], { cwd })).stdout);
    expect(shown).toMatchObject({ state: "closed" });
    const opened = JSON.parse((await runCli(["breaker", "open", "--json"], { cwd })).stdout);
    expect(opened[0].state).toBe("blocked");
    const blocked = await runCli(["status", "--json"], { cwd });
    expect(JSON.parse(blocked.stdout).breaker[0].state).toBe("blocked");
    const reset = JSON.parse((await runCli(["breaker", "reset", "--json"], { cwd })).stdout);
    expect(reset[0].state).toBe("closed");
  });

  test("breaker tells of a limit that holds calls back behind a closed breaker, until it is reset", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 4);
    const simulator = await simulate(["rpd", "1"]);
    const { process: child, output, ended } = startCli(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    await expect.poll(() => output().stderr, { timeout: 30_000 }).toContain("quota used up, going on at");
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    const { stdout } = await runCli(["breaker"], { cwd });
    expect(stdout).toMatch(/ closed +- +refused by a limit, going on at \d/);
    expect((await runCli(["breaker", "reset"], { cwd })).stdout).toMatch(/ closed +- +-\n/);
  });

  test("breaker and status tell of a quota of the day that is used up by our own count", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 4);
    const flags = [...at(await simulate()), "--rpd", "2"];
    const { process: child, output, ended } = startCli(["run", "prompts.jsonl", ...flags], { cwd });
    await expect.poll(() => output().stderr, { timeout: 30_000 }).toContain("daily quota used up");
    // What it knows of the quota it shares each second.
    const status = async () => (await runCli(["status"], { cwd })).stdout;
    await expect.poll(status, { timeout: 30_000 }).toMatch(/^ +now +waiting \d.*: daily request quota$/m);
    child.kill("SIGINT");
    await ended;
    expect(await status()).toMatch(/^ +used up +until \d.* http/m);
    const { stdout } = await runCli(["breaker"], { cwd });
    expect(stdout).toMatch(/ closed +- +daily request quota used up, going on at \d/);
  });

  test("simulate serves until it is interrupted", async () => {
    const cwd = tempFolder();
    const { process: child, ended } = startCli(["simulate", "--rpm", "600", "--answer", "echo"], { cwd });
    const url = await new Promise<string>((resolve) =>
      child.stdout!.once("data", (text) => resolve(String(text).trim())),
    );
    const reply = await fetch(`${url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] }),
    });
    expect(await reply.json()).toMatchObject({ choices: [{ message: { content: "hello" } }] });
    expect(reply.headers.get("x-ratelimit-limit-requests")).toBe("600");
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
  });

  test("a working folder that is gone is no bug", () => {
    const line = `mkdir gone && cd gone && rmdir ../gone && exec '${process.execPath}' '${BIN}' status`;
    const { status, stderr } = spawnSync("sh", ["-c", line], { cwd: tempFolder(), encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^USAGE: the working folder .*\nhint: /m);
  });

  test("help and version go to stdout and exit 0", async () => {
    const cwd = tempFolder();
    const help = await runCli(["--help"], { cwd });
    expect(help.code).toBe(0);
    expect(help.stdout).toContain("Usage: llm-batch");
    expect((await runCli(["run", "--help"], { cwd })).stdout).toContain("--rpm <n|auto>");
    expect((await runCli(["--version"], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([[["no-such-command"]], [["run"]], [["show", "r_x"]], [["status", "--watsh"]]])(
    "wrong usage %j exits 2 with a hint",
    async (args) => {
      const { code, stderr } = await runCli(args, { cwd: tempFolder() });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^USAGE: .+\nhint: .+/);
    },
  );

  test.each([
    [["breaker", "shut"], /^USAGE: 'shut' is no action\. Allowed choices are show, open, close, reset\.\n/],
    [["help", "bogus"], /^USAGE: there is no such command to help with\n/],
    [["completion", "tcsh"], /^USAGE: 'tcsh' is no shell\. Allowed choices are bash, zsh, fish\.\n/],
    [["resume", "--max-request-tokens", "5"], /^USAGE: unknown option '--max-request-tokens'\n/],
    [["run", "a.jsonl", "--api-key=sk-123"], /^USAGE: unknown option '--api-key': no flag takes a key\n/],
    [["run", "a.jsonl", "--api-key", "sk-123"], /^USAGE: unknown option '--api-key': no flag takes a key\n/],
  ])("wrong usage %j says what is wrong in plain words", async (args, says) => {
    const { stderr } = await runCli(args, { cwd: tempFolder() });
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain("sk-123");
  });

  test("a hint is of the command that was meant, whatever stands before it", async () => {
    const { stderr } = await runCli(["--db", "a.db", "report"], { cwd: tempFolder() });
    expect(stderr).toContain("hint: e.g. `llm-batch report -o report.html`; see `llm-batch report --help`");
    const ofAll = await runCli(["run", "prompts.jsonl", "--db"], { cwd: tempFolder() });
    expect(ofAll.stderr).toMatch(/^USAGE: option '--db .*\nhint: see `llm-batch --help`\n$/);
  });
});
