import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { Provider } from "../../../src/ports/provider.ts";
import { chatForm } from "../../../src/provider/chat.ts";
import { createProvider, type ProviderOptions } from "../../../src/provider/endpoint.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { freePort, serve } from "./loopback.ts";

const KEY = "sk-secret-0123456789abcdef";
const CHARGE = { inputTokens: 3, outputTokens: 9 };
const ANSWER = JSON.stringify({
  model: "m-1",
  choices: [{ message: { content: "yes" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 7 },
});

const providers: Provider[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.close()));
});

function providerOf(baseUrl: string, options: Partial<ProviderOptions> = {}): Provider {
  const provider = createProvider({
    baseUrl,
    key: KEY,
    model: "m-1",
    run: "r_abcdefgh",
    wire: chatForm,
    build: ({ row }) => ({ body: row, charge: CHARGE }),
    dialect: null,
    timeoutMs: 60_000,
    concurrency: 2,
    clock: new ManualClock(),
    ...options,
  });
  providers.push(provider);
  return provider;
}

test("a job becomes an answer", async () => {
  const seen: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const { url } = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ url: request.url, headers: request.headers, body });
    response.writeHead(200, { "x-request-id": "req_1", "x-ratelimit-remaining-requests": "3" }).end(ANSWER);
  });
  const call = providerOf(`${url}/v1`).prepare(claimedJob(1, { row: '{"prompt":"hi"}' }));
  expect(call.charge).toEqual(CHARGE);
  expect(await call.send(never)).toEqual({
    kind: "succeeded",
    code: "ok",
    message: "",
    httpStatus: 200,
    requestId: "req_1",
    retryAfterMs: null,
    blockedBy: null,
    quota: [{ dimension: "requests", remaining: 3, windowMs: 60_000 }],
    answer: {
      output: '"yes"',
      model: "m-1",
      finishReason: "stop",
      usage: { inputTokens: 5, cachedInputTokens: 0, outputTokens: 7 },
    },
    raw: ANSWER,
  });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    url: "/v1/chat/completions",
    body: '{"prompt":"hi"}',
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
  });
});

test("every attempt of a job has the same idempotency key, and no other job has it", async () => {
  const keys: unknown[] = [];
  const { url } = await serve((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    response.end(ANSWER);
  });
  const provider = providerOf(url);
  const other = providerOf(url, { run: "r_other123" });
  await provider.prepare(claimedJob(1)).send(never);
  await provider.prepare(claimedJob(1, { attempt: 2, failures: 1 })).send(never);
  await provider.prepare(claimedJob(2)).send(never);
  await other.prepare(claimedJob(1)).send(never);
  expect(keys[0]).toBe(keys[1]);
  expect(new Set(keys).size).toBe(3);
});

test("without a key none is sent", async () => {
  const { url, server } = await serve((_, response) => response.end(ANSWER));
  const sent = providerOf(url, { key: null }).prepare(claimedJob(1)).send(never);
  const [request] = await once(server, "request");
  expect(request.headers.authorization).toBeUndefined();
  await sent;
});

test("the key never goes where a redirect leads", async () => {
  let followed = 0;
  const elsewhere = await serve((_, response) => {
    followed++;
    response.end(ANSWER);
  });
  const { url } = await serve((_, response) => response.writeHead(308, { location: elsewhere.url }).end());
  const outcome = await providerOf(url).prepare(claimedJob(1)).send(never);
  expect(outcome).toMatchObject({ kind: "blocked", blockedBy: "endpoint", code: "redirect" });
  expect(followed).toBe(0);
});

test("an endpoint is named by place, model and key, and holds none", () => {
  const { endpoint } = providerOf("https://user:pw@api.example.com/v1/?key=abc");
  expect(endpoint).toMatch(/^https:\/\/api\.example\.com\/v1 m-1 key:[0-9a-f]{8}$/);
  const nameOf = (options: Partial<ProviderOptions>): string =>
    providerOf("https://api.example.com/v1", options).endpoint;
  expect(nameOf({})).toBe(endpoint);
  expect(nameOf({ key: "another" })).not.toBe(endpoint);
  expect(nameOf({ model: "m-2" })).not.toBe(endpoint);
  expect(nameOf({ key: null, model: null })).toBe("https://api.example.com/v1 key:none");
  expect(nameOf({ name: "sim:" })).toMatch(/^sim: m-1 key:/);
});

test("what the network does is an outcome", async () => {
  const provider = providerOf(`http://127.0.0.1:${await freePort()}`);
  expect(await provider.prepare(claimedJob(1)).send(never)).toMatchObject({
    kind: "unreachable",
    code: "connection_refused",
    raw: null,
  });
  expect(await provider.prepare(claimedJob(1)).send(AbortSignal.abort())).toMatchObject({ kind: "aborted" });
});

test("a provider that repeats the key can't get it into an outcome", async () => {
  const { url } = await serve((request, response) => {
    response
      .writeHead(401, { "x-request-id": "1" })
      .end(JSON.stringify({ error: { message: `bad header: ${request.headers.authorization}` } }));
  });
  const outcome = await providerOf(url).prepare(claimedJob(1)).send(never);
  expect(outcome).toMatchObject({ kind: "blocked", blockedBy: "key" });
  expect(JSON.stringify(outcome)).not.toContain(KEY);
});

test("an answer longer than is read is malformed", async () => {
  const { url } = await serve((_, response) => response.end(ANSWER));
  const outcome = await providerOf(url, { maxBodyBytes: 20 }).prepare(claimedJob(1)).send(never);
  expect(outcome).toMatchObject({ kind: "malformed", code: "body_too_large" });
});
