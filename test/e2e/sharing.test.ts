import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { readParquet } from "../helpers/read-parquet.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

test("--dedupe and --reuse send a request once, and every output says whose answer a row has", async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "a.csv"), "q\none\ntwo\none\n");
  writeFileSync(join(cwd, "b.csv"), "q\ntwo\nthree\n");
  const simulator = await simulate();
  const flags = [...at(simulator), "--prompt-field", "q", "--dedupe", "--reuse"];
  const first = await runCli(["run", "a.csv", ...flags, "-o", "a.out.csv"], { cwd });
  expect(first.stderr).toContain("not sent   1 with another row's answer (--dedupe)");
  const second = await runCli(["run", "b.csv", ...flags, "-o", "b.out.csv", "--json"], { cwd });
  expect(second.stderr).toContain("not sent   1 with an earlier run's (--reuse)");
  expect(JSON.parse(second.stdout.trim().split("\n").at(-1)!).shared).toEqual({ dedupe: 0, reuse: 1 });
  expect(simulator.stats().calls).toBe(3);

  const run = /^(r_\w+): 3 rows/m.exec(first.stderr)![1]!;
  const lastCells = (name: string) =>
    readFileSync(join(cwd, name), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(",").at(-1));
  expect(lastCells("a.out.csv")).toEqual(["llm_answered_by", "", "", `${run}/row-1`]);
  expect(lastCells("b.out.csv")).toEqual(["llm_answered_by", `${run}/row-2`, ""]);
  await runCli(["export", "-o", "b.parquet"], { cwd });
  const rows = await readParquet(join(cwd, "b.parquet"));
  expect(rows.map(({ answered_by, attempts }) => [answered_by, attempts])).toEqual([
    [`${run}/row-2`, 0],
    [null, 1],
  ]);
  const shown = await runHere(["show", run, "row-3"], { cwd });
  expect(shown.stdout).toContain(`taken over from ${run}/row-1`);
  expect((await runCli(["report", run, "-o", "-"], { cwd })).stdout).toContain(`"answeredBy":"${run}/row-1"`);
  const { stdout } = await runCli(["export", "-o", "-"], { cwd });
  expect(JSON.parse(stdout.split("\n")[0]!).answered_by).toEqual({ run, id: "row-2" });
});

test("who runs a file again that has changed is told of --reuse, which sends the new rows alone", async () => {
  const cwd = tempFolder();
  const simulator = await simulate();
  const write = (...words: string[]) => writeFileSync(join(cwd, "a.csv"), ["q", ...words, ""].join("\n"));
  const run = (...more: string[]) =>
    runCli(["run", "a.csv", ...at(simulator), "--prompt-field", "q", ...more], { cwd });
  write("one", "two");
  const first = await run();
  const id = /^(r_\w+): 2 rows/.exec(first.stderr)![1];
  const advice = `a.csv has changed since ${id}: every row is sent; with --reuse only those whose request has no answer yet`;
  write("one", "two", "three");
  expect((await run("--temperature", "1", "--detach")).stderr).not.toContain("has changed");
  await runHere(["cancel"], { cwd });
  expect((await run("--reuse")).stderr).not.toContain("has changed");
  expect(simulator.stats().calls).toBe(3);
  write("one", "two", "four");
  const last = await run();
  expect(last.stderr).toContain(advice);
  expect(simulator.stats().calls).toBe(6);
});
