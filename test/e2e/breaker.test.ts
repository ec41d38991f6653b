import { expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { finishedRun } from "../helpers/finished-run.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

test("breaker shows the endpoints and moves one by hand", async () => {
  const { cwd } = await finishedRun(2);
  const [shown] = JSON.parse((await runHere(["breaker", "--json"], { cwd })).stdout);
  expect(shown).toMatchObject({ state: "closed" });
  const opened = JSON.parse((await runCli(["breaker", "open", "--json"], { cwd })).stdout);
  expect(opened[0].state).toBe("blocked");
  const blocked = await runHere(["status", "--json"], { cwd });
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
  const { stdout } = await runHere(["breaker"], { cwd });
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
  const status = async () => (await runHere(["status"], { cwd })).stdout;
  await expect.poll(status, { timeout: 30_000 }).toMatch(/^ +now +waiting \d.*: daily request quota$/m);
  child.kill("SIGINT");
  await ended;
  expect(await status()).toMatch(/^ +used up +until \d.* http/m);
  const { stdout } = await runCli(["breaker"], { cwd });
  expect(stdout).toMatch(/ closed +- +daily request quota used up, going on at \d/);
});
