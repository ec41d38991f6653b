import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../../src/domain/job.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { createProvider, type ProviderOptions } from "../../../src/provider/endpoint.ts";
import { usageOf } from "../../helpers/answer.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { freePort, serve } from "../../helpers/loopback.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

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
    provider: null,
    run: "r_abcdefgh",
    build: ({ row }) => ({ api: "chat", body: row, charge: CHARGE }),
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
    costNanoUsd: null,
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
      usage: usageOf({ inputTokens: 5, outputTokens: 7 }),
      serviceTier: null,
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

test("a reply that can't be made sense of is kept, whatever went wrong with it", async () => {
  const { url } = await serve((_, response) =>
    response.writeHead(200, { "x-request-id": "req_1" }).end(ANSWER),
  );
  const check = (): never => {
    throw new TypeError(`no ${KEY} of null`);
  };
  const outcome = await providerOf(url, { check }).prepare(claimedJob(1)).send(never);
  expect(outcome).toMatchObject({
    kind: "rejected",
    code: "unreadable_reply",
    message: "a fault in llm-batch: the reply can't be made sense of: no [key] of null",
    requestId: "req_1",
    answer: { output: '"yes"' },
    raw: ANSWER,
  });
});

describe("the idempotency key", () => {
  async function keysOf(asked: readonly [Partial<ProviderOptions>, ClaimedJob][]): Promise<unknown[]> {
    const keys: unknown[] = [];
    const { url } = await serve((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      response.end(ANSWER);
    });
    for (const [options, job] of asked) await providerOf(url, options).prepare(job).send(never);
    return keys;
  }

  test("is the same when a call is sent again that failed or is in doubt, also by another process", async () => {
    const [first, second] = await keysOf([
      [{}, claimedJob(1)],
      [{}, claimedJob(1, { attempt: 2, failures: 1 })],
    ]);
    expect(first).toMatch(/^llm-batch-r_abcdefgh-1-[0-9a-f]{8}-0$/);
    expect(second).toBe(first);
  });

  test("is another one for another job, run, endpoint or a question asked anew", async () => {
    const keys = await keysOf([
      [{}, claimedJob(1)],
      [{}, claimedJob(2)],
      [{ run: "r_other123" }, claimedJob(1)],
      [{ model: "m-2" }, claimedJob(1)],
      [{}, claimedJob(1, { asks: 1, invalid: 1 })],
    ]);
    expect(new Set(keys).size).toBe(5);
  });
});

test("each API has its path, its headers and its answer, also within one run", async () => {
  const seen: [string | undefined, IncomingHttpHeaders][] = [];
  const { url } = await serve((request, response) => {
    seen.push([request.url, request.headers]);
    const message = { content: [{ type: "text", text: "hi" }], stop_reason: "end_turn" };
    response.end(request.url === "/v1/messages" ? JSON.stringify(message) : ANSWER);
  });
  const provider = providerOf(url, {
    build: ({ row }) => ({ api: row === "{}" ? "messages" : "chat", body: row, charge: CHARGE }),
  });
  const chat = await provider.prepare(claimedJob(1)).send(never);
  const messages = await provider.prepare(claimedJob(2, { row: "{}" })).send(never);
  expect([chat.answer?.output, messages.answer?.output]).toEqual(['"yes"', '"hi"']);
  expect(seen).toMatchObject([
    ["/v1/chat/completions", { authorization: `Bearer ${KEY}` }],
    ["/v1/messages", { "x-api-key": KEY, "anthropic-version": "2023-06-01" }],
  ]);
  expect(seen[1]![1].authorization).toBeUndefined();
});

describe("a check of answers", () => {
  const refuse = (outcome: Outcome): Outcome => ({
    ...outcome,
    kind: "invalid",
    code: "no",
    message: "a\nb",
  });

  test("says what becomes of one, in one line, and what was paid for is kept", async () => {
    const { url } = await serve((_, response) => response.end(ANSWER));
    const outcome = await providerOf(url, { check: refuse }).prepare(claimedJob(1)).send(never);
    expect(outcome).toMatchObject({ kind: "invalid", code: "no", message: "a b", raw: ANSWER });
    expect(outcome.answer?.usage.outputTokens).toBe(7);
  });

  test("doesn't see what is no answer", async () => {
    const { url } = await serve((_, response) => response.writeHead(500).end());
    const outcome = await providerOf(url, { check: refuse }).prepare(claimedJob(1)).send(never);
    expect(outcome.kind).toBe("transient");
  });
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
