import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { echo, oddProvider } from "../helpers/odd-provider.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";

/** Writes a row for each model, plans them, and gives what was printed. */
async function plan(models: readonly string[], flags: readonly string[], files: Record<string, string> = {}) {
  const cwd = tempFolder();
  const rows = models.map((model, index) =>
    JSON.stringify({ id: `r-${index}`, model, prompt: "How are you?" }),
  );
  writeFileSync(join(cwd, "rows.jsonl"), `${rows.join("\n")}\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return await runHere(["plan", "rows.jsonl", ...flags], { cwd });
}

async function planJson(...args: Parameters<typeof plan>) {
  const [models, flags, files] = args;
  const { stdout, stderr, code } = await plan(models, [...flags, "--json"], files);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const four = (model: string): string[] => Array(4).fill(model);

test("plan says that it takes every row to be sent, though some may share an answer", async () => {
  const note = "every row is taken to be sent";
  const shared = await plan(["m"], [], { "llm-batch.yaml": "dedupe: true" });
  expect(shared.stdout).toContain(note);
  expect((await plan(["m"], [])).stdout).not.toContain(note);
});

test("plan --json has the notes that plan prints", async () => {
  const rows = { "llm-batch.yaml": "dedupe: true" };
  const flags = ["--max-cost", "0.004", "--answer-tokens", "1000", "--param-fields", "seed"];
  const { notes } = await planJson(four("gpt-4.1-mini"), flags, rows);
  expect(notes).toEqual([
    "--param-fields: no row has seed",
    expect.stringMatching(/^--max-cost \$0\.0040 stops the run after about 2 of 4 rows$/),
    expect.stringMatching(/^every row is taken to be sent/),
    expect.stringMatching(/^no limits were told/),
  ]);
  const { stdout } = await plan(four("gpt-4.1-mini"), flags, rows);
  expect(notes.filter((note: string) => !stdout.includes(note))).toEqual([]);
  expect((await planJson(["gpt-4.1-mini"], ["--rpm", "9"])).notes).toEqual([]);
});

test("plan stands in the place of run, and says where the budget ends", async () => {
  const bounded = [
    "-o",
    "out.jsonl",
    "--timeout",
    "2m",
    "--max-failures",
    "1%",
    "--deadline",
    "2h",
    "--durability",
    "normal",
  ];
  const told = async (maxCost: string) => {
    const cost = ["--answer-tokens", "1000", "--max-cost", maxCost];
    const { code, stdout, stderr } = await plan(four("gpt-4.1-mini"), [...bounded, ...cost]);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout;
  };
  expect(await told("0.004")).toContain("--max-cost $0.0040 stops the run after about 2 of 4 rows");
  expect(await told("1")).not.toContain("stops the run");
});

test("plan shows requests to the byte as they would be sent", async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "rows.csv"), 'id,q\na,"one\nline"\nb,two\nc,three\n');
  const args = [
    "rows.csv",
    "-m",
    "m",
    "--template",
    "Say {{q}}",
    "--temperature",
    "0.50",
    "--param",
    "seed=12345678901234567890",
  ];
  const body = (text: string) =>
    `{"model":"m","messages":[{"role":"user","content":"Say ${text}"}],"temperature":0.5,"seed":12345678901234567890}`;
  const { stdout } = await runCli(["plan", ...args, "--preview", "2"], { cwd });
  expect(stdout.split("\n\n").slice(1).join("\n")).toBe(`a\n${body("one\\nline")}\nb\n${body("two")}\n`);
  const json = await runCli(["plan", ...args, "--preview", "1", "--json"], { cwd });
  expect(JSON.parse(json.stdout).requests).toEqual([{ id: "a", body: body("one\\nline") }]);

  const provider = await oddProvider(echo);
  await runCli(["run", ...args, "--base-url", provider.url], { cwd });
  expect(provider.calls.map(({ body }) => body).sort()[0]).toEqual(body("one\\nline"));
});

describe("what plan says of the cost", () => {
  test("is the published price of the estimated tokens, from the input alone to the longest answers", async () => {
    const { tokens, cost_usd } = await planJson(four("gpt-4.1-mini"), [
      "--max-tokens",
      "1000",
      "--answer-tokens",
      "50",
    ]);
    const input = tokens.input * 0.4e-6;
    expect(tokens.output).toBe(200);
    expect(cost_usd.least).toBeCloseTo(input, 9);
    expect(cost_usd.typical).toBeCloseTo(input + 200 * 1.6e-6, 9);
    expect(cost_usd.most).toBeCloseTo(input + 4_000 * 1.6e-6, 9);
  });

  test("has no upper bound where nothing bounds the answers", async () => {
    const { cost_usd } = await planJson(four("gpt-4.1-mini"), []);
    expect(cost_usd.typical).toBeGreaterThan(0);
    expect(cost_usd.most).toBeNull();
    const { stdout } = await plan(four("gpt-4.1-mini"), []);
    expect(stdout).toContain("without --max-tokens nothing bounds it");
  });

  test("counts every sample", async () => {
    const one = await planJson(four("gpt-4.1-mini"), []);
    const three = await planJson(four("gpt-4.1-mini"), ["--samples", "3"]);
    expect(three).toMatchObject({ rows: 4, calls: 12 });
    expect(three.cost_usd.typical).toBeCloseTo(3 * one.cost_usd.typical, 9);
  });

  test("is that of the service tier", async () => {
    const { tokens, cost_usd } = await planJson(four("gpt-5-mini"), ["--service-tier", "flex"]);
    expect(cost_usd.typical).toBeCloseTo(tokens.input * 0.125e-6 + tokens.output * 1e-6, 9);
  });

  test("is unknown where a model's price is, and names the model and the flag", async () => {
    const models = ["gpt-4.1-mini", "mine"];
    const { cost_usd, models: parts } = await planJson(models, []);
    expect(cost_usd).toBeNull();
    expect(parts).toMatchObject([
      {
        model: "gpt-4.1-mini",
        price: { model: "gpt-4.1-mini", source: expect.stringMatching(/^genai-prices/) },
      },
      { model: "mine", cost_usd: null, price: null },
    ]);
    const unknown = "cost +unknown: no price is known for mine; give";
    const untold = await plan(models, []);
    expect(untold.stdout).toMatch(new RegExp(`^${unknown} --provider, or the price with --price-file$`, "m"));
    const told = await plan(models, ["--provider", "sim"]);
    expect(told.stdout).toContain("the price with --price-file");
    expect(told.stdout).not.toContain("--provider");
  });

  test("is unknown behind an address of one's own, even for a well-known model", async () => {
    const { cost_usd } = await planJson(four("gpt-4.1-mini"), ["--base-url", "http://127.0.0.1:8000/v1"]);
    expect(cost_usd).toBeNull();
  });

  test("goes by the user's own prices first", async () => {
    const prices = { "prices.yaml": "- {model: mine, input: 1, output: 2}\n" };
    const { tokens, cost_usd, models } = await planJson(
      ["mine", "gpt-4.1-mini"],
      ["--price-file", "prices.yaml", "--answer-tokens", "0"],
      prices,
    );
    expect(models[0]).toMatchObject({ price: { source: "prices.yaml", model: "mine" } });
    expect(cost_usd.typical).toBeCloseTo(models[0].tokens.input * 1e-6 + models[1].tokens.input * 0.4e-6, 9);
    expect(tokens.output).toBe(0);
  });

  test.each([
    [
      { "prices.yaml": "- {model: mine, input: cheap, output: 2}\n" },
      /^BAD_PRICE_FILE: prices\.yaml:1: input: .*"cheap"/,
    ],
    [{}, /^FILE_UNREADABLE: --price-file: prices\.yaml: /],
  ])("a price file that can't be used is refused: %j", async (files, message) => {
    const { code, stderr } = await plan(["mine"], ["--price-file", "prices.yaml"], files);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("what plan says of the time", () => {
  test("is that of the model that takes longest, since they are sent to side by side", async () => {
    const models = [...Array(30).fill("gpt-4.1"), ...Array(90).fill("gpt-4.1-mini")];
    const plan = await planJson(models, ["--rpm", "60", "--latency", "1s"]);
    const [short, long] = plan.models.map((part: { duration_seconds: number }) => part.duration_seconds);
    expect(short).toBeLessThan(long);
    expect(plan.duration_seconds).toBe(long);
    expect(long / 90).toBeCloseTo(1, 1);
    expect(plan.waits[0].reason).toBe("requests");
  });

  test("and of the rest reads well for people", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    const { stdout } = await runCli(["plan", "prompts.jsonl", "-m", "gpt-4.1-mini", "--rpm", "60"], { cwd });
    expect(stdout).toMatch(
      /^rows {5}20\ntokens {3}about \S+ in, 5k out \(at 250 an answer\)\ncost {5}about \$0\.00\d+: .*\nprices {3}genai-prices \S+\ntime {5}about \d+s \(at 5s a call\)\nbound by request quota\n$/,
    );
  });
});
