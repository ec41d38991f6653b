import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { describe, expect, test } from "vitest";
import { checkProvider } from "../../../../src/app/doctor/check-provider.ts";
import { flagSource } from "../../../../src/config/option-source.ts";
import { resolveOptions } from "../../../../src/config/resolve.ts";
import type { Check } from "../../../../src/domain/check.ts";
import { systemClock } from "../../../../src/system/clock.ts";
import { freePort, listen, serve } from "../../../helpers/loopback.ts";

const KEY = "sk-not-to-be-seen-anywhere";

interface Wanted {
  flags?: Record<string, unknown>;
  env?: Record<string, string>;
  offline?: boolean;
}

async function check({ flags = {}, env = {}, offline = false }: Wanted): Promise<Check[]> {
  const options = resolveOptions([flagSource(flags)]);
  const checks = await checkProvider({ options, env, offline, clock: systemClock });
  expect(JSON.stringify(checks)).not.toContain(KEY);
  return checks;
}

/** An endpoint that answers everything with `status`, and what it was asked. */
async function endpoint(status: number): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const { url } = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? "no key"}`);
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("{}");
  });
  return { url: `${url}/v1`, seen };
}

describe("the endpoint", () => {
  test.each([
    [200, "ok"],
    [404, "ok"],
    [429, "ok"],
    [302, "warning"],
    [403, "warning"],
    [503, "warning"],
    [401, "failed"],
  ])("that answers %d is %s", async (status, verdict) => {
    const { url, seen } = await endpoint(status);
    const checks = await check({ flags: { baseUrl: url }, env: { OPENAI_API_KEY: KEY } });
    expect(checks.at(-1)).toMatchObject({
      name: "endpoint",
      verdict,
      message: expect.stringContaining(`${url} answers HTTP ${status}`),
    });
    expect(seen).toEqual([`GET /v1/models Bearer ${KEY}`]);
  });

  test("that asks for a key, where none is set, is told", async () => {
    const { url, seen } = await endpoint(401);
    const checks = await check({ flags: { baseUrl: url } });
    expect(checks.at(-1)).toMatchObject({
      verdict: "warning",
      hint: expect.stringContaining("--api-key-env"),
    });
    expect(seen).toEqual(["GET /v1/models no key"]);
  });

  test("that can't be reached fails", async () => {
    const checks = await check({ flags: { baseUrl: `http://127.0.0.1:${await freePort()}/v1` } });
    expect(checks.at(-1)).toMatchObject({
      name: "endpoint",
      verdict: "failed",
      message: expect.stringContaining("connection_refused"),
    });
  });

  test("whose certificate isn't trusted fails, with how to trust it", async () => {
    const pem = (name: string): string =>
      readFileSync(new URL(`../../provider/tls/${name}.pem`, import.meta.url), "utf8");
    const server = createHttpsServer({ key: pem("key"), cert: pem("cert") });
    const checks = await check({ flags: { baseUrl: `https://127.0.0.1:${await listen(server)}/v1` } });
    expect(checks.at(-1)).toMatchObject({
      verdict: "failed",
      message: expect.stringContaining("certificate: "),
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS="),
    });
  });

  test("that speaks no TLS fails, with the address that it has", async () => {
    const { url } = await endpoint(200);
    const checks = await check({ flags: { baseUrl: url.replace("http:", "https:") } });
    expect(checks.at(-1)).toMatchObject({
      verdict: "failed",
      message: expect.stringMatching(
        /: tls: the server speaks no TLS, is it an address with http:\/\/\? \([a-z ]+\)$/,
      ),
      hint: expect.stringContaining("http://"),
    });
  });

  test("gets nothing with --offline", async () => {
    const { url, seen } = await endpoint(200);
    const checks = await check({ flags: { baseUrl: url }, offline: true });
    expect(checks.map(({ name }) => name)).toEqual(["provider", "key"]);
    expect(seen).toEqual([]);
  });
});

describe("the settings", () => {
  test("that name no provider are no fault: each run may name its own", async () => {
    expect(await check({})).toMatchObject([{ name: "provider", verdict: "warning" }]);
  });

  test("that name an unknown provider fail", async () => {
    expect(await check({ flags: { provider: "opnai" } })).toMatchObject([
      { name: "provider", verdict: "failed", hint: expect.stringContaining('"openai"') },
    ]);
  });

  test("whose key is missing fail, and name its variable", async () => {
    expect(await check({ flags: { provider: "groq" }, offline: true })).toMatchObject([
      {
        name: "provider",
        verdict: "ok",
        message: "groq at https://api.groq.com/openai/v1, models named by the rows",
      },
      { name: "key", verdict: "failed", message: expect.stringContaining("GROQ_API_KEY is not set") },
    ]);
  });

  test("of a pool and a chain are checked one by one", async () => {
    const flags = { pool: "groq,xai", fallback: "sim" };
    const checks = await check({ flags, env: { XAI_API_KEY: KEY }, offline: true });
    expect(checks.map(({ name, verdict, message }) => `${verdict} ${name} ${message.split(" ")[0]}`)).toEqual(
      [
        "ok provider groq",
        "failed key MISSING_KEY:",
        "ok provider xai",
        "ok key XAI_API_KEY",
        "ok provider sim",
        "ok key none",
      ],
    );
  });

  test("of the simulator need neither key nor endpoint", async () => {
    const checks = await check({ flags: { provider: "sim" } });
    expect(checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(["provider ok", "key ok"]);
  });

  test("show no query of the address, which may hold a secret", async () => {
    const { url } = await endpoint(200);
    const checks = await check({ flags: { baseUrl: `${url}?tenant=${KEY}` } });
    expect(checks.at(-1)).toMatchObject({ verdict: "ok", message: `${url} answers HTTP 200` });
  });
});
