import { expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { finishedRun } from "../helpers/finished-run.ts";
import { lastLine } from "../helpers/last-line.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

/** What an exported row tells of the attempt that made it. */
function attemptOf({ provider, latency_ms, raw }: { provider: string; latency_ms: number; raw: object }) {
  const rest = { code: null, message: null, http_status: 200, retry_after_ms: null };
  return { ...rest, provider, latency_ms, raw, request_id: expect.any(String) };
}

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
  const { stdout } = await runHere([...args, "--json"], { cwd });
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
  expect(JSON.parse((await runHere(["status", "--json"], { cwd })).stdout).jobs.failed).toBe(1);
  const onlyBack = await runCli(["retry", id, "--code", "NO_SUCH_CODE", "--no-drain"], { cwd });
  expect(onlyBack.stderr).toContain("0 failed rows");
  expect(onlyBack.stderr).not.toContain("resume");
  const missing = await runCli(["retry", id, "--id", "q-99"], { cwd });
  expect(missing.stderr).toMatch(/^ROW_NOT_FOUND: .*"q-99"/);
  expect(missing.code).toBe(2);
  const { code, stderr } = await runCli(["retry", id, "--id", "q-3"], { cwd });
  expect(stderr).toContain("1 failed row is pending again");
  expect(code).toBe(0);
  await runHere(["export", id, "-o", "results.jsonl"], { cwd });
  expect(readResults(cwd)[2]).toMatchObject({ status: "succeeded", attempts: 3 });
});

test("retry that sends nothing names the command that does", async () => {
  const { cwd, id } = await finishedRun(3, ["fault", "context-length:match=What is 3 plus"]);
  const { stderr } = await runCli(["retry", "--no-drain"], { cwd });
  expect(stderr).toBe(`${id}: 1 failed row is pending again; to send it: llm-batch resume ${id}\n`);
});

test("retry changes nothing when its options are wrong", async () => {
  const { cwd } = await finishedRun(3, ["fault", "context-length:match=What is 3 plus"]);
  const refused = await runCli(["retry", "--rpm", "many"], { cwd });
  expect(refused.code).toBe(2);
  expect(JSON.parse((await runHere(["status", "--json"], { cwd })).stdout).jobs).toMatchObject({
    failed: 1,
    pending: 0,
  });
});

test("cancel ends what is unfinished, and the export says so", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 40);
  const simulator = await simulate(["latency", "50ms"]);
  await runHere(["run", "prompts.jsonl", ...at(simulator), "-c", "4", "--deadline", "1ms"], { cwd });
  expect((await runCli(["cancel"], { cwd })).stderr).toContain("rows cancelled");
  expect(JSON.parse((await runHere(["status", "--json"], { cwd })).stdout).state).toBe("cancelled");
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
  expect(JSON.parse((await runHere(["runs", "--json"], { cwd })).stdout)).toEqual([]);
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
