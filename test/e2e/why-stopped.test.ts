import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Ended, runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const QUICK = ["--backoff-base", "20ms", "--backoff-max", "50ms", "--breaker-cooldown", "50ms"];
const GROUPS = 'budget-by: team\nbudgets:\n  "*": {max-total-tokens: 1}\n';
const MOMENT = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

/** What a run is told to stop at, what with, and what its provider does. */
const REASONS: readonly [code: string, exit: number, args: readonly string[], sim: [string, string][]][] = [
  ["COST_BUDGET", 75, ["--price-file", "prices.yaml", "--max-cost", "0.000001"], []],
  ["TOKEN_BUDGET", 75, ["--max-total-tokens", "100"], []],
  ["GROUP_BUDGETS", 75, ["--config", "groups.yaml"], []],
  ["DEADLINE", 75, ["--deadline", "300ms"], [["latency", "200ms"]]],
  ["TOO_MANY_FAILURES", 75, ["--max-failures", "0"], [["fault", "context-length"]]],
  ["STALLED", 75, ["--timeout", "200ms", "--stall-timeout", "1s", ...QUICK], [["latency", "60s"]]],
  ["PROVIDER_REFUSED", 4, [], [["models", "real-1"]]],
  ["PROVIDER_UNREACHABLE", 4, ["--base-url", "http://127.0.0.1:9/v1", ...QUICK], []],
];

async function bench(count: number, ...sim: [string, string][]) {
  const cwd = tempFolder();
  const rows = Array.from({ length: count }, (_, row) => JSON.stringify({ prompt: `${row}`, team: "red" }));
  writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
  writeFileSync(join(cwd, "groups.yaml"), GROUPS);
  writeFileSync(join(cwd, "prices.yaml"), "- {model: sim-1, input: 1000, output: 1000}\n");
  const simulator = await simulate(...sim);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "2"];
  const status = async () => JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
  const text = async () => (await runHere(["status"], { cwd })).stdout;
  return { cwd, simulator, args, status, text };
}

/** What is to be done, and the commands that do it: the last lines. */
function wayOn(text: string): string {
  return text.slice(text.search(/^ {2}(go on:|is the server up|when the key|raise their)/m));
}

/** The sentence of the summary. */
function reasonIn({ stderr }: Ended): string {
  return /^r_\S+ stopped: (.*), after \S+/m.exec(stderr)![1]!;
}

test.each(REASONS)(
  "%s is told later in the same words, with the same way on",
  async (code, exit, flags, sim) => {
    const { cwd, args, status, text } = await bench(40, ...sim);
    const ended = await runCli([...args, ...flags], { cwd });
    expect(ended.code, ended.stderr).toBe(exit);
    const message = reasonIn(ended);
    const { state, stops } = await status();
    expect(state).toBe("stopped");
    expect(stops).toEqual([
      {
        code,
        message,
        at: expect.stringMatching(/^2.*Z$/),
        host: expect.any(String),
        pid: expect.any(Number),
      },
    ]);
    const told = await text();
    expect(told.split("\n")[1]).toMatch(new RegExp(`^  stopped    .*   ${MOMENT}$`));
    expect(told.split("\n")[1]).toContain(`  stopped    ${message}   `);
    expect(wayOn(told)).toBe(wayOn(ended.stderr));
  },
);

test("an error that ends a run is told later with its hint", async () => {
  const { cwd, args, status, text } = await bench(1);
  expect((await runHere([...args, "--detach"], { cwd })).code).toBe(0);
  expect((await status()).stops).toEqual([]);
  const { code, stderr } = await runHere(["resume", "--max-cost", "1"], { cwd });
  expect(code).toBe(2);
  const [stop] = (await status()).stops;
  expect(stop).toMatchObject({ code: "UNKNOWN_PRICE" });
  const told = await text();
  expect(told).toContain(`  stopped    ${stop.message}   `);
  expect(told).toContain(`\n  ${/^hint: (.*)$/m.exec(stderr)![1]}\n`);
});

describe("a signal", () => {
  test("is on record before the calls in flight have ended, so that a second one leaves it there", async () => {
    const { cwd, args, simulator, status, text } = await bench(4, ["latency", "60s"]);
    const run = startCli(args, { cwd });
    await vi.waitFor(() => expect(simulator.stats().in_flight).toBe(2), { timeout: 20_000, interval: 5 });
    run.process.kill("SIGINT");
    const stopping = async () => expect((await status()).stops).toMatchObject([{ code: "SIGINT" }]);
    await vi.waitFor(stopping, { timeout: 20_000, interval: 50 });
    expect(await text()).toMatch(
      new RegExp(`^  stopped    interrupted by SIGINT   ${MOMENT}   process`, "m"),
    );
    run.process.kill("SIGINT");
    expect((await run.ended).code).toBe(130);
    const isStopped = async () => expect(await status()).toMatchObject({ state: "stopped" });
    await vi.waitFor(isStopped, { timeout: 30_000, interval: 50 });
    expect((await status()).stops).toMatchObject([{ code: "SIGINT", message: "interrupted by SIGINT" }]);
  });

  test("that kills leaves no reason, and that is told until somebody goes on", async () => {
    const { cwd, args, simulator, status, text } = await bench(4, ["latency", "60s"]);
    const run = startCli(args, { cwd });
    await vi.waitFor(() => expect(simulator.stats().in_flight).toBe(2), { timeout: 20_000, interval: 5 });
    run.process.kill("SIGKILL");
    await run.ended;
    const hasDied = async () => expect((await status()).stops).toMatchObject([{ code: "DIED" }]);
    await vi.waitFor(hasDied, { timeout: 30_000, interval: 50 });
    expect(await text()).toMatch(/^ {2}stopped {4}its process left no reason: it was killed, /m);
    // A call that is sent all the same isn't waited for.
    expect((await runHere(["resume", "--deadline", "1ms", "--timeout", "1s"], { cwd })).code).toBe(75);
    expect((await status()).stops).toMatchObject([{ code: "DEADLINE" }]);
  });
});

test("a worker that waits for work is at none of the runs that it has stopped at", async () => {
  const { cwd, args, status } = await bench(4, ["models", "real-1"]);
  expect((await runHere([...args, "--detach"], { cwd })).code).toBe(0);
  const worker = startCli(["work"], { cwd });
  const isIdle = () => expect(worker.output().stderr).toContain("no work left");
  await vi.waitFor(isIdle, { timeout: 30_000, interval: 20 });
  const { pid } = worker.process;
  expect(await status()).toMatchObject({ state: "stopped", stops: [{ code: "PROVIDER_REFUSED", pid }] });
  worker.process.kill("SIGTERM");
  await worker.ended;
  expect((await status()).stops).toMatchObject([{ code: "PROVIDER_REFUSED", pid }]);
});

test("of several processes each has its own reason; whoever goes on starts anew", async () => {
  const { cwd, args, status, text } = await bench(400, ["latency", "200ms"]);
  expect((await runHere([...args, "--detach"], { cwd })).code).toBe(0);
  const workers = [1, 2, 3].map(() => startCli(["resume", "--json"], { cwd }));
  const atWork = () => {
    for (const { output } of workers) expect(output().stdout).toContain("row_done");
  };
  await vi.waitFor(atWork, { timeout: 30_000, interval: 20 });
  const [one, ...others] = workers;
  one!.process.kill("SIGTERM");
  expect((await one!.ended).code).toBe(143);
  const { state, stops } = await status();
  expect([state, stops.length]).toEqual(["running", 1]);
  expect(stops[0]).toMatchObject({ code: "SIGTERM", pid: one!.process.pid });
  for (const other of others) other.process.kill("SIGINT");
  await Promise.all(others.map(({ ended }) => ended));
  const codes = async () => (await status()).stops.map(({ code }: { code: string }) => code);
  expect(await codes()).toEqual(["SIGTERM", "SIGINT", "SIGINT"]);
  const [listed] = JSON.parse((await runHere(["runs", "--json"], { cwd })).stdout);
  expect(listed).toEqual(await status());
  const [head, row] = (await runHere(["runs"], { cwd })).stdout.split("\n");
  expect(head).toContain("  stopped by ");
  expect(row).toMatch(/^r_\S+ +stopped .* SIGTERM, SIGINT /);
  const told = await text();
  const name = `process ${one!.process.pid} on `;
  expect(told).toMatch(new RegExp(`^  stopped    interrupted by SIGTERM   ${MOMENT}   ${name}\\S+$`, "m"));
  expect(told).toMatch(new RegExp(`^  stopped    interrupted by SIGINT   ${MOMENT}   2 processes$`, "m"));
  expect((await runHere(["resume", "--deadline", "1ms"], { cwd })).code).toBe(75);
  expect(await codes()).toEqual(["DEADLINE"]);
});
