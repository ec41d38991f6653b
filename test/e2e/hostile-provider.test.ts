import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ended, runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { chatText, echo, type OddProvider, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { databaseText } from "../helpers/test-database.ts";

const QUICK = ["--backoff-base", "5ms", "--backoff-max", "20ms", "--breaker-cooldown", "50ms"];
/** Slashes are escaped by some who write JSON, so it has one. */
const KEY = "sk-Secret/0123456789abcdefSECRET";
const ENV = { OPENAI_API_KEY: KEY };

function run(cwd: string, { at }: OddProvider, ...args: string[]): Promise<Ended> {
  return runCli(["run", "prompts.jsonl", ...at, ...QUICK, "-o", "results.jsonl", ...args], { cwd, env: ENV });
}

describe("a provider that answers nonsense", () => {
  const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const NO_VALUE = { toString: 1, valueOf: 1 };
  const toolCalls = `{"choices":[{"message":{"content":null,"tool_calls":[${DEEP}]}}]}`;

  interface Nonsense {
    name: string;
    body: string;
    httpStatus?: number;
    headers?: Record<string, string>;
    /** What becomes of the row. Default: failed. */
    status?: string;
  }
  const NONSENSE: readonly Nonsense[] = [
    {
      name: "usage beyond all numbers",
      body: chatText("a", { usage: { prompt_tokens: 1e300 } }),
      status: "succeeded",
    },
    {
      name: "usage of no kind",
      body: chatText("a", { usage: [NO_VALUE], model: NO_VALUE }),
      status: "succeeded",
    },
    {
      name: "a deep answer",
      body: chatText("a", { extra: 0 }).replace('"extra":0', `"extra":${DEEP}`),
      status: "succeeded",
    },
    { name: "deep tool calls", body: toolCalls, status: "succeeded" },
    { name: "a deep body", body: DEEP },
    {
      name: "an error code without a value",
      body: JSON.stringify({ error: { code: NO_VALUE } }),
      httpStatus: 400,
    },
    {
      name: "headers in the body without a value",
      body: JSON.stringify({ error: { metadata: { headers: { "retry-after": NO_VALUE } } } }),
      httpStatus: 400,
    },
    {
      name: "deep headers in the body",
      body: `{"error":{"metadata":{"headers":{"retry-after":${DEEP}}}}}`,
      httpStatus: 400,
    },
    { name: "fields of an object's own", body: '{"__proto__":{"error":"x"},"constructor":{}}' },
    { name: "choices of nothing", body: '{"choices":[null]}' },
    { name: "a message of nothing", body: '{"choices":[{"message":7}],"usage":null}' },
    {
      name: "quotas beyond all numbers",
      body: chatText("a"),
      headers: {
        "x-ratelimit-limit-requests": "1e308",
        "x-ratelimit-remaining-requests": "1e308",
        "x-ratelimit-reset-requests": "99999999999999999999999999d",
        "x-ratelimit-limit-tokens": "99999999999999999999999",
        "x-ratelimit-remaining-tokens": "99999999999999999999998",
        "x-ratelimit-reset-tokens": "1ms",
      },
      status: "succeeded",
    },
  ];

  test("ends no run: every row has a result, whatever the reply was", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, NONSENSE.length);
    const provider = await oddProvider(({ prompt }, response) => {
      const { body, httpStatus, headers = {} } = NONSENSE[Number(/is (\d+)/.exec(prompt)![1]) - 1]!;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      send(response, body, httpStatus);
    });
    const ended = await run(cwd, provider, "--max-attempts", "2", "--breaker-failures", "100");
    expect(ended.stderr).not.toMatch(/^BUG/m);
    expect(ended.code).toBe(3);
    const statuses = readResults(cwd).map(({ status }, at) => [NONSENSE[at]!.name, status]);
    expect(statuses).toEqual(NONSENSE.map(({ name, status = "failed" }) => [name, status]));
  });

  const NINES = "9".repeat(200);
  test.each<Record<string, string>>([
    { "retry-after": NINES },
    { "x-ratelimit-reset": NINES },
    { "x-ratelimit-reset": "1767225600000000000" },
    { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": `${NINES}d` },
    { ratelimit: `"default";r=0;t=${NINES}`, "ratelimit-policy": `"default";q=${NINES}${NINES};w=60` },
  ])("a wait beyond all dates stops nothing for good and is no bug: %o", async (headers) => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const provider = await oddProvider((_, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      send(response, '{"error":{"message":"slow down"}}', 429);
    });
    const ended = await run(cwd, provider, "--deadline", "1s");
    expect(ended.stderr).not.toMatch(/^BUG|NaN/m);
    expect([4, 75]).toContain(ended.code);
  });

  test("bytes that are no UTF-8 become replacement characters", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const [before, after] = chatText("<>").split("<>");
    const bytes = [
      Buffer.from(before!),
      Buffer.from([0x61, 0xff, 0xed, 0xa0, 0x80, 0x62]),
      Buffer.from(after!),
    ];
    const provider = await oddProvider((_, response) => send(response, Buffer.concat(bytes)));
    expect((await run(cwd, provider)).code).toBe(0);
    expect(readResults(cwd)[0]!.output).toMatch(/^a\ufffd+b$/);
  });
});

describe("a provider that doesn't come to an end", () => {
  test("an answer of 1 GB is cut off in flat memory, and the row fails readably", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const provider = await oddProvider(async (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const closed = new Promise((resolve) => response.once("close", resolve));
      for (let sent = 0; sent < 1024 && !response.destroyed; sent++) {
        if (!response.write(chunk))
          await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
      }
      response.end();
    });
    const args = ["run", "prompts.jsonl", ...provider.at, ...QUICK, "-o", "results.jsonl", "-c", "2"];
    const started = startCli([...args, "--max-attempts", "2"], { cwd });
    const peak = watchMemory(started.process.pid!);
    const ended = await started.ended;
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("body_too_large");
    expect(readResults(cwd).map(({ error }) => error?.code)).toEqual(["body_too_large", "body_too_large"]);
    // Two answers of up to 64 MiB are read at a time, on top of the process itself.
    expect(peak()).toBeLessThan(600 * 1024);
  });

  test("a byte a second ends with --timeout", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const provider = await oddProvider((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 100);
      response.on("close", () => clearInterval(timer));
    });
    const ended = await run(cwd, provider, "--timeout", "500ms", "--max-attempts", "2");
    expect(ended.code).toBe(3);
    expect(readResults(cwd)[0]!.error).toMatchObject({ code: "timeout" });
  });
});

/** The largest resident set of a process seen so far, in KiB. */
function watchMemory(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      peak = Math.max(peak, Number(kib ?? 0));
    } catch {
      clearInterval(timer);
    }
  }, 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

describe("the key", () => {
  test("is never sent on a redirect", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const other = await oddProvider(echo);
    const provider = await oddProvider((_, response) =>
      response.writeHead(307, { location: `${other.url}/v1/chat/completions?key=${KEY}` }).end(),
    );
    const ended = await run(cwd, provider, "--max-attempts", "2");
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("redirect");
    expect(other.calls).toHaveLength(0);
    await expectNoKey(cwd, ended);
  });

  test("is in no byte that a run writes, wherever the provider sends it back", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 8);
    const escaped = KEY.replaceAll("/", "\\/").replace("sk", "\\u0073k");
    const bodies: [number, string][] = [
      [200, chatText(`your key is ${KEY}`, { model: KEY, id: KEY, extra: { [KEY]: KEY } })],
      [200, chatText("KEY", { model: "KEY" }).replaceAll("KEY", escaped)],
      [400, JSON.stringify({ error: { message: `bad ${KEY}`, code: KEY, type: KEY } })],
      [400, `{"error":{"message":"bad ${escaped}","code":"${escaped}"}}`],
      [422, `<html>${KEY}</html>`],
      [500, JSON.stringify({ detail: [{ msg: `Bearer ${KEY}` }] })],
      [200, `not JSON ${KEY}`],
      [
        200,
        `{"choices":[{"message":{"content":null,"tool_calls":[{"id":"${escaped}"}]},"finish_reason":"${KEY}"}]}`,
      ],
    ];
    const provider = await oddProvider(({ prompt }, response) => {
      const [status, body] = bodies[Number(/is (\d+)/.exec(prompt)![1]) - 1]!;
      response.setHeader("x-request-id", `req-${KEY}`);
      response.setHeader("set-cookie", `key=${KEY}`);
      send(response, body, status);
    });
    const args = ["--max-attempts", "2", "--breaker-failures", "100", "-v", "--json", "--log-file", "log"];
    const started = startCli(
      ["run", "prompts.jsonl", ...provider.at, ...QUICK, "-o", "results.jsonl", ...args],
      {
        cwd,
        env: ENV,
      },
    );
    const ended = await started.ended;
    expect(ended.code).toBe(3);
    expect(provider.calls.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
    await expectNoKey(cwd, ended);
    const { run: id } = lastLine(ended.stdout);
    await expectNoKey(
      cwd,
      await runCli(["export", "-o", "raw.jsonl", "--include", "raw"], { cwd, env: ENV }),
    );
    for (const line of readFileSync(join(cwd, "raw.jsonl"), "utf8").trim().split("\n")) {
      expect(JSON.stringify(JSON.parse(line))).not.toContain(KEY);
    }
    for (const row of [1, 2, 3, 4, 8]) {
      await expectNoKey(cwd, await runCli(["show", id, `q-${row}`, "--json"], { cwd, env: ENV }));
    }
  });

  test("is refused in an address, before anything is stored", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    for (const address of [
      `http://${KEY.slice(0, 9)}@127.0.0.1:9/v1`,
      `http://127.0.0.1:9/v1?api-key=${KEY}`,
    ]) {
      const ended = await runCli(["run", "prompts.jsonl", "--base-url", address, "-m", "m"], {
        cwd,
        env: ENV,
      });
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/^BAD_BASE_URL: .+\nhint: .*--api-key-env/);
      await expectNoKey(cwd, ended);
      expect(readdirSync(cwd)).toEqual(["prompts.jsonl"]);
    }
  });

  test("is in no file of a run that was killed, nor its log", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 50);
    const provider = await oddProvider((call, response) => {
      if (provider.calls.length > 20) started.process.kill("SIGKILL");
      else send(response, chatText(`${call.prompt} ${KEY}`));
    });
    const started = startCli(["run", "prompts.jsonl", ...provider.at, "-c", "2"], { cwd, env: ENV });
    const ended = await started.ended;
    expect(ended.signal).toBe("SIGKILL");
    expect(await databaseText(cwd)).toContain("prompts.jsonl");
    await expectNoKey(cwd, ended);
  });
});

/** Looks at every byte of every file in the folder, of the database, and of what was printed. */
async function expectNoKey(cwd: string, { stdout, stderr }: Ended): Promise<void> {
  const files = readdirSync(cwd).filter((name) => readFileSync(join(cwd, name)).includes(KEY));
  expect(files).toEqual([]);
  expect(await databaseText(cwd)).not.toContain(KEY);
  expect(stdout).not.toContain(KEY);
  expect(stderr).not.toContain(KEY);
}
