import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { echo, oddProvider, send } from "../helpers/odd-provider.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

/** An answer of 50 tokens costs five cents. */
const PRICES = "- {model: odd-1, input: 0, output: 1000}\n";
const IN_FLIGHT = 3;
const ANSWERED = 6;

test("calls in doubt after a kill are told with the most they can have cost, and sent again under the same key", async () => {
  const cwd = tempFolder();
  const prompts = writePrompts(cwd, 20);
  const refused = prompts[1]!;
  writeFileSync(join(cwd, "prices.yaml"), PRICES);
  const provider = await oddProvider((call, response) => {
    const seen = provider.calls.length;
    if (seen > ANSWERED && !started.process.killed) {
      if (seen === ANSWERED + IN_FLIGHT) started.process.kill("SIGKILL");
    } else if (call.prompt === refused && keysOf(refused).length === 1) send(response, "{}", 400);
    else echo(call, response);
  });
  const keysOf = (prompt: string): unknown[] =>
    provider.calls.filter((call) => call.prompt === prompt).map(({ headers }) => headers["idempotency-key"]);
  const flags = ["-c", String(IN_FLIGHT), "--max-tokens", "50", "--price-file", "prices.yaml"];
  const args = ["run", "prompts.jsonl", ...provider.at, ...flags];
  const started = startCli(args, { cwd });
  expect((await started.ended).signal).toBe("SIGKILL");
  const inDoubt = provider.calls.slice(ANSWERED).map(({ prompt }) => prompt);

  const { code, stderr } = await runCli(args, { cwd });
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /: taken back; at most 3 calls are in doubt, of no more than \d+ tokens in, 150 out, \$0\.15$/m,
  );
  expect(inDoubt).toHaveLength(IN_FLIGHT);
  for (const prompt of inDoubt) {
    const [first, again, ...more] = keysOf(prompt);
    expect([again, ...more]).toEqual([first]);
  }
  expect(provider.calls).toHaveLength(prompts.length + IN_FLIGHT);

  expect((await runCli(["retry"], { cwd })).code).toBe(0);
  expect(new Set(keysOf(refused)).size).toBe(2);
});

test("status counts calls in doubt against the cost limit as the process does that goes on", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 20);
  writeFileSync(join(cwd, "prices.yaml"), PRICES);
  const provider = await oddProvider((call, response) => {
    if (provider.calls.length <= ANSWERED) echo(call, response);
    else if (provider.calls.length === ANSWERED + IN_FLIGHT) started.process.kill("SIGKILL");
  });
  const flags = ["-c", String(IN_FLIGHT), "--max-tokens", "50", "--price-file", "prices.yaml"];
  // Six answers of 5 tokens are 3 cents, and three calls in doubt 15 at most.
  const started = startCli(["run", "prompts.jsonl", ...provider.at, ...flags, "--max-cost", "0.17"], { cwd });
  expect((await started.ended).signal).toBe("SIGKILL");
  const told = async () => (await runHere(["status"], { cwd })).stdout;
  const endTold = async () => (await told()).match(/the budget is used up.*?(?=$| {3})/m)?.[0];
  // A server misses a killed process when its connection is gone.
  await vi.waitUntil(async () => / stopped: /.test(await told()), { timeout: 20_000 });
  const ahead = await endTold();
  expect(ahead).toContain("$0.18");
  const doubtTold = async () => (await told()).match(/^ {2}(calls|tokens|cost) .*/gm);
  const doubtAhead = await doubtTold();
  expect(doubtAhead?.[0]).toContain("3 in doubt at most");

  const { code, stderr } = await runCli(["resume"], { cwd });
  expect([code, provider.calls.length]).toEqual([75, ANSWERED + IN_FLIGHT]);
  expect(stderr).toContain(ahead);
  expect(await endTold()).toBe(ahead);
  expect(await doubtTold()).toEqual(doubtAhead);
});

test("status tells that only groups over their budgets are left, though rows of a killed process wait to be taken back", async () => {
  const cwd = tempFolder();
  const rows = Array.from({ length: 20 }, (_, at) => JSON.stringify({ prompt: `p ${at}`, team: "red" }));
  writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
  writeFileSync(join(cwd, "prices.yaml"), PRICES);
  writeFileSync(join(cwd, "llm-batch.yaml"), "budget-by: team\nbudgets:\n  red: {max-cost: 0.17}\n");
  const provider = await oddProvider((call, response) => {
    if (provider.calls.length <= ANSWERED) echo(call, response);
    else if (provider.calls.length === ANSWERED + IN_FLIGHT) started.process.kill("SIGKILL");
  });
  const flags = ["-c", String(IN_FLIGHT), "--max-tokens", "50", "--price-file", "prices.yaml"];
  const started = startCli(["run", "prompts.jsonl", ...provider.at, ...flags], { cwd });
  expect((await started.ended).signal).toBe("SIGKILL");
  const told = async () => (await runHere(["status"], { cwd })).stdout;
  await vi.waitUntil(async () => / stopped: /.test(await told()), { timeout: 20_000 });
  expect(await told()).toContain('only rows of groups over their budgets are left: "red"');

  const { code, stderr } = await runCli(["resume"], { cwd });
  expect([code, provider.calls.length]).toEqual([75, ANSWERED + IN_FLIGHT]);
  expect(stderr).toContain('only rows of groups over their budgets are left: "red"');
});
