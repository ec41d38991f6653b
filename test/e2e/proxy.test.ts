import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { freePort, listen } from "../helpers/loopback.ts";
import { echo, oddProvider } from "../helpers/odd-provider.ts";
import { writePrompts } from "../helpers/rows.ts";

/** A proxy that takes every call to the address `to`, wherever it was meant to go; and where those were. */
async function proxyTo(to: string): Promise<{ host: string; asked: string[] }> {
  const { port } = new URL(to);
  const asked: string[] = [];
  const server = createServer();
  server.on("connect", (request, client) => {
    asked.push(request.url!);
    const upstream = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) socket.on("error", () => client.destroy());
  });
  return { host: `127.0.0.1:${await listen(server)}`, asked };
}

test.each(["", "http://"])(
  "a proxy of the environment is gone through, named %shost:port",
  async (scheme) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const provider = await oddProvider(echo);
    const { host, asked } = await proxyTo(provider.url);
    const args = [
      "run",
      "prompts.jsonl",
      "--base-url",
      "http://provider.invalid/v1",
      "-m",
      "odd-1",
      "-c",
      "1",
    ];
    const { code, stderr } = await runCli(args, { cwd, env: { HTTP_PROXY: `${scheme}${host}` } });
    expect(code, stderr).toBe(0);
    expect(new Set(asked)).toEqual(new Set(["provider.invalid:80"]));
    expect(provider.calls).toHaveLength(3);
  },
);

test.each(["http", "https"])(
  "a proxy that hangs up before it has opened the way to an %s address is asked once a call, and told",
  async (scheme) => {
    const cwd = tempFolder();
    writePrompts(cwd, 1);
    const proxy = createServer();
    let asked = 0;
    proxy.on("connect", (_, client) => {
      asked++;
      client.end();
    });
    const address = `http://127.0.0.1:${await listen(proxy)}`;
    const args = ["run", "prompts.jsonl", "--base-url", `${scheme}://provider.invalid/v1`, "-m", "odd-1"];
    const env = { HTTP_PROXY: address, HTTPS_PROXY: address };
    const { code, stderr } = await runCli(args, { cwd, env });
    expect(code, stderr).toBe(4);
    expect(stderr).toContain("was never reached: the proxy closed the connection");
    expect(asked).toBe(Number(/calls +(\d+)/.exec(stderr)![1]));
  },
);

test.each([
  [407, "it wants http://USER:PASSWORD@HOST:PORT"],
  [403, "see NO_PROXY"],
])("a proxy that refuses with %i is told, with what to look at", async (status, advice) => {
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const proxy = createServer();
  proxy.on("connect", (_, client) => client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
  const args = ["run", "prompts.jsonl", "--base-url", "https://provider.invalid/v1", "-m", "odd-1"];
  const env = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` };
  const { code, stderr } = await runCli(args, { cwd, env });
  expect(code, stderr).toBe(4);
  const words = stderr.replace(/\s+/g, " ");
  expect(words).toContain(
    `was never reached: the proxy refuses to open the way there: HTTP ${status} (${advice})`,
  );
});

test.each([
  ["a proxy that isn't there", async () => `http://127.0.0.1:${await freePort()}`],
  ["what is no proxy", async () => "no proxy"],
])("the built-in simulator is never asked for through %s", async (_, proxy) => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  const env = { HTTP_PROXY: await proxy(), HTTPS_PROXY: await proxy() };
  const { code, stderr } = await runCli(["run", "prompts.jsonl", "--provider", "sim"], { cwd, env });
  expect(code, stderr).toBe(0);
});

test.each(["not a proxy", "ftp://proxy.invalid:21", "http://"])(
  "%s as a proxy is refused before anything is imported, and not shown",
  async (value) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const args = ["run", "prompts.jsonl", "--base-url", "https://provider.invalid/v1", "-m", "odd-1"];
    const { code, stderr } = await runCli(args, { cwd, env: { HTTPS_PROXY: value } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^BAD_PROXY: .+ HTTPS_PROXY .+\nhint: .+http:\/\/HOST:PORT/);
    expect(stderr).not.toContain(value === "http://" ? "http:// " : value);
    expect(existsSync(join(cwd, "llm-batch.db"))).toBe(false);
  },
);
