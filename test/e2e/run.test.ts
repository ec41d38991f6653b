import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { databaseText } from "../helpers/test-database.ts";

describe("llm-batch run", () => {
  test("sends every row once and writes the results in input order", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 200);
    const simulator = await simulate(["answer", "echo"]);
    const { code, stdout, stderr } = await runCli(
      ["run", "prompts.jsonl", ...at(simulator), "-o", "results.jsonl"],
      { cwd },
    );
    expect(stderr).toContain("200 of 200 succeeded");
    expect(stdout).toBe("");
    expect(code).toBe(0);
    const results = readResults(cwd);
    expect(results.map(({ output }) => output)).toEqual(prompts);
    expect(results.map(({ id }) => id)).toEqual(prompts.map((_, index) => `q-${index + 1}`));
    expect(results.every(({ status, attempts }) => status === "succeeded" && attempts === 1)).toBe(true);
    expect(simulator.stats().calls).toBe(200);
  });

  test("given again, continues the same run and sends nothing twice", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    const simulator = await simulate();
    const args = ["run", "prompts.jsonl", ...at(simulator), "-o", "results.jsonl"];
    await runHere(args, { cwd });
    const first = readFileSync(join(cwd, "results.jsonl"), "utf8");
    const { code } = await runCli(args, { cwd });
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, "results.jsonl"), "utf8")).toBe(first);
    expect(simulator.stats().calls).toBe(20);
  });

  test("--new asks for a fresh run of the same input", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const simulator = await simulate();
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    await runCli(["run", "prompts.jsonl", ...at(simulator), "--new"], { cwd });
    expect(simulator.stats().calls).toBe(10);
    const { stdout } = await runHere(["runs", "--json"], { cwd });
    expect(JSON.parse(stdout)).toHaveLength(2);
  });

  test("a new run beside an unfinished one of the same input names the command that goes on with that", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const args = ["run", "prompts.jsonl", ...at(await simulate()), "--db", "a.db"];
    const { stdout } = await runHere([...args, "--detach"], { cwd });
    const id = stdout.trim();
    const warmer = await runCli([...args, "--temperature", "0.5"], { cwd });
    expect(warmer.stderr).toContain(`\`llm-batch resume ${id} --db a.db\` goes on with the unfinished one`);
    const fresh = await runCli([...args, "--temperature", "0.6", "--new"], { cwd });
    expect(fresh.stderr).not.toContain("goes on with");
    expect((await runHere(["resume", id, "--db", "a.db"], { cwd })).code).toBe(0);
    const finished = await runCli([...args, "--temperature", "0.7"], { cwd });
    expect(finished.stderr).not.toContain("goes on with");
  });

  test("an option that changes what is sent makes it another run", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const simulator = await simulate();
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    await runCli(["run", "prompts.jsonl", ...at(simulator), "--temperature", "0.5"], { cwd });
    expect(simulator.stats().calls).toBe(10);
  });

  test("reads CSV with a template and writes the input's columns back", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "cities.csv"), 'id,"City name"\r\na,"New\nYork"\r\nb,"Say ""hi"""\r\n');
    const simulator = await simulate(["answer", "echo"]);
    const args = [
      "run",
      "cities.csv",
      ...at(simulator),
      "--template",
      'Where is {{"City name"}}?',
      "-o",
      "out.csv",
    ];
    expect((await runCli(args, { cwd })).code).toBe(0);
    const text = readFileSync(join(cwd, "out.csv"), "utf8");
    expect(text).toContain(
      "id,City name,llm_status,llm_output,llm_error,llm_model,llm_input_tokens,llm_output_tokens,llm_cost_usd,llm_attempts",
    );
    expect(text).toContain('"Where is New\nYork?"');
    expect(text).toContain('"Where is Say ""hi""?"');
  });

  test("reads standard input", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["answer", "echo"]);
    const stdin = '{"prompt":"one"}\n{"messages":[{"role":"user","content":"two"}]}\n';
    const { code } = await runCli(["run", "-", ...at(simulator), "-o", "results.jsonl"], { cwd, stdin });
    expect(code).toBe(0);
    expect(readResults(cwd).map(({ id, output }) => [id, output])).toEqual([
      ["row-1", "one"],
      ["row-2", "two"],
    ]);
  });

  test("--json prints the status as the last line of stdout", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const simulator = await simulate();
    const { stdout } = await runCli(["run", "prompts.jsonl", ...at(simulator), "--json"], { cwd });
    const status = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(status).toMatchObject({
      state: "finished",
      input: "prompts.jsonl",
      jobs: { total: 3, pending: 0, running: 0, succeeded: 3, failed: 0, cancelled: 0 },
      attempts: { total: 3, succeeded: 3, throttled: 0, retried: 0, in_doubt: 0 },
      cost_usd: null,
      failures: [],
    });
    expect(Object.keys(status.total_ms)).toEqual(["p50", "p95", "p99"]);
    expect(status.breaker).toEqual([{ endpoint: expect.any(String), state: "closed", retry_at: null }]);
  });

  test("a row that fails for good ends the run with 3, and its error stands in the results", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 10);
    const simulator = await simulate(["fault", "context-length:match=What is 4 plus"]);
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), "-o", "results.jsonl"], {
      cwd,
    });
    expect(code).toBe(3);
    expect(stderr).toContain("9 of 10 succeeded, 1 failed");
    expect(stderr).toContain("llm-batch retry");
    const failed = readResults(cwd)[3]!;
    expect(failed).toMatchObject({ id: "q-4", status: "failed", output: null });
    expect(failed.error).toMatchObject({ code: "context_length_exceeded", http_status: 400 });
  });

  test("an existing output file is refused before anything is sent, and replaced with --force", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    writeFileSync(join(cwd, "results.jsonl"), "mine\n");
    const simulator = await simulate();
    const args = ["run", "prompts.jsonl", ...at(simulator), "-o", "results.jsonl"];
    const refused = await runCli(args, { cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^OUTPUT_EXISTS: /);
    expect(simulator.stats().calls).toBe(0);
    expect((await runCli([...args, "--force"], { cwd })).code).toBe(0);
    expect(readResults(cwd)).toHaveLength(3);
  });

  test("--limit and --range take a part of the file", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 10);
    const simulator = await simulate();
    await runCli(["run", "prompts.jsonl", ...at(simulator), "--range", "3:5", "-o", "results.jsonl"], {
      cwd,
    });
    expect(readResults(cwd).map(({ id }) => id)).toEqual(["q-3", "q-4", "q-5"]);
  });

  test("--provider sim needs no key, no model and no network", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const { code } = await runCli(["run", "prompts.jsonl", "--provider", "sim", "-o", "results.jsonl"], {
      cwd,
    });
    expect(code).toBe(0);
    expect(readResults(cwd)).toHaveLength(5);
  });

  test("settings come from the flag, then the environment, then the config file", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const simulator = await simulate(["models", "from-flag,from-env,from-file"]);
    writeFileSync(join(cwd, "llm-batch.yaml"), `base-url: ${simulator.url}\nmodel: from-file\n`);
    const model = async (args: string[], env: Record<string, string>): Promise<string> => {
      await runCli(["run", "prompts.jsonl", "-o", "r.jsonl", "--force", ...args], { cwd, env });
      return JSON.parse(readFileSync(join(cwd, "r.jsonl"), "utf8")).model;
    };
    expect(await model([], {})).toBe("from-file");
    expect(await model([], { LLM_BATCH_MODEL: "from-env" })).toBe("from-env");
    expect(await model(["-m", "from-flag"], { LLM_BATCH_MODEL: "from-env" })).toBe("from-flag");
  });

  test("a misspelt variable of the environment is told once; what is ours, Kubernetes' or like none of ours is not", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const env = {
      LLM_BATCH_MODLE: "m",
      LLM_BATCH_RPM: "600",
      LLM_BATCH_DB: "jobs.db",
      LLM_BATCH_HOME: "/",
      LLM_BATCH_PORT: "tcp://10.0.0.1:80",
      LLM_BATCH_SERVICE_PORT: "80",
    };
    const told = async (...args: string[]): Promise<string[] | null> =>
      (await runCli([...args, "prompts.jsonl", "--provider", "sim"], { cwd, env })).stderr.match(
        /^LLM_BATCH_.*$/gm,
      );
    const warning = "LLM_BATCH_MODLE is no setting and ignored, did you mean LLM_BATCH_MODEL?";
    expect(await told("plan")).toEqual([warning]);
    expect(await told("run")).toEqual([warning]);
    expect(await told("run", "--quiet")).toBeNull();
  });

  test("a config file that nobody named is told where it says where rows and keys go", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const simulator = await simulate();
    const settings = [`base-url: ${simulator.url}`, "model: m", "api-key-env: OTHER_SECRET", "rpm: 600"];
    writeFileSync(join(cwd, "llm-batch.yaml"), settings.join("\n"));
    const stderr = async (...flags: string[]): Promise<string> =>
      (await runCli(["run", "prompts.jsonl", "--new", ...flags], { cwd, env: { OTHER_SECRET: "x" } })).stderr;
    const told = `llm-batch.yaml is read: rows go to ${new URL(simulator.url).host} with OTHER_SECRET\n`;
    expect(await stderr()).toContain(told);
    expect(await stderr("--config", "llm-batch.yaml")).not.toContain("is read");
    writeFileSync(join(cwd, "llm-batch.yaml"), "rpm: 600");
    expect(await stderr(...at(simulator))).not.toContain("is read");
  });

  test("a key never reaches the database", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const key = "sk-secret-0123456789abcdef";
    const simulator = await simulate(["require-key", key]);
    const env = { OPENAI_API_KEY: key };
    const { code, stdout, stderr } = await runCli(
      ["run", "prompts.jsonl", ...at(simulator), "-o", "results.jsonl"],
      { cwd, env },
    );
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, "results.jsonl"), "utf8")).not.toContain(key);
    const stored = await databaseText(cwd);
    expect(stored).toContain("prompts.jsonl");
    expect(stored).not.toContain(key);
    expect(stdout + stderr).not.toContain(key);
  });
});
