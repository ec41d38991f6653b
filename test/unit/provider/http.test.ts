import { EventEmitter, getEventListeners, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { BodyMemory } from "../../../src/provider/body-memory.ts";
import { HttpClient, type HttpOptions } from "../../../src/provider/http.ts";
import type { Reply, TransportError } from "../../../src/provider/reply.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { replyOf } from "../../helpers/reply-of.ts";
import { freePort, listen, serve } from "./loopback.ts";

const TIMEOUT_MS = 600_000;
const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function clientOf(
  url: string,
  options: Partial<HttpOptions> = {},
): { client: HttpClient; clock: ManualClock } {
  const clock = new ManualClock();
  const client = new HttpClient({
    url: new URL(url),
    concurrency: 4,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: 1024 * 1024,
    clock,
    ...options,
  });
  clients.push(client);
  return { client, clock };
}

function post(client: HttpClient, signal = new AbortController().signal): Promise<Reply> {
  const hold = new BodyMemory().hold();
  return replyOf(client.post(["content-type", "application/json"], '{"a":1}', { signal, hold }));
}

function errorOf(call: Promise<Reply>): Promise<TransportError> {
  return call.then(
    () => {
      throw new Error("the call should have failed");
    },
    (error) => error as TransportError,
  );
}

describe("a reply", () => {
  test("comes back whole, whatever its status, for exactly one request", async () => {
    const seen: { method: string | undefined; url: string | undefined; body: string }[] = [];
    const { url } = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      seen.push({ method: request.method, url: request.url, body });
      response.writeHead(503, { "x-a": "1" }).write("zü");
      response.end("rich");
    });
    const { client, clock } = clientOf(`${url}/v1/chat?v=1`);
    expect(await post(client)).toMatchObject({
      status: 503,
      headers: { "x-a": "1" },
      body: "zürich",
      cutOff: false,
    });
    expect(seen).toEqual([{ method: "POST", url: "/v1/chat?v=1", body: '{"a":1}' }]);
    expect(clock.pending).toBe(0);
  });

  test("that begins with a byte order mark is read without it", async () => {
    const { url } = await serve((_, response) => response.end('\ufeff{"a":"\ufeff"}'));
    expect((await post(clientOf(url).client)).body).toBe('{"a":"\ufeff"}');
  });

  test("in chunks that split a character is read right", async () => {
    const bytes = Buffer.from("ü€😀");
    const { url } = await serve((_, response) => {
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect((await post(clientOf(url).client)).body).toBe("ü€😀");
  });

  test("takes a connection that an earlier one left", async () => {
    const { url, server } = await serve((_, response) => response.end("{}"));
    let connections = 0;
    server.on("connection", () => connections++);
    const { client } = clientOf(url, { concurrency: 1 });
    for (let call = 0; call < 3; call++) await post(client);
    expect(connections).toBe(1);
  });

  test("may be as many at once as there is concurrency", async () => {
    const { url } = await serve((_, response) => {
      waiting.push(() => response.end("{}"));
      if (waiting.length === 3) for (const end of waiting) end();
    });
    const waiting: (() => void)[] = [];
    const { client } = clientOf(url, { concurrency: 3 });
    const replies = await Promise.all([post(client), post(client), post(client)]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("that redirects is not followed", async () => {
    let followed = 0;
    const elsewhere = await serve((_, response) => {
      followed++;
      response.end();
    });
    const { url } = await serve((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    expect((await post(clientOf(url).client)).status).toBe(307);
    expect(followed).toBe(0);
  });

  test("that is too long is cut off, and its connection ended", async () => {
    const CHUNK = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    const events = new EventEmitter();
    const ended = once(events, "ended");
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-length": String(1024 ** 3) });
      const more = (): void => {
        while (!response.destroyed && response.write(CHUNK)) sent += CHUNK.length;
      };
      response.on("drain", more).on("close", () => events.emit("ended"));
      more();
    });
    const reply = await post(clientOf(url).client);
    expect(reply).toMatchObject({ status: 200, cutOff: true });
    expect(reply.body).toHaveLength(64 * 1024);
    await ended;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("nothing was sent", () => {
  test("when nothing listens", async () => {
    const { client, clock } = clientOf(`http://127.0.0.1:${await freePort()}/`);
    expect(await errorOf(post(client))).toMatchObject({ phase: "connect", code: "connection_refused" });
    expect(clock.pending).toBe(0);
  });

  test("when nothing listens on either address of localhost", async () => {
    const error = await errorOf(post(clientOf(`http://localhost:${await freePort()}/`).client));
    expect(error).toMatchObject({ phase: "connect", code: "connection_refused" });
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("when the name isn't known", async () => {
    const error = await errorOf(post(clientOf("http://nowhere.invalid/").client));
    expect(error).toMatchObject({ phase: "connect", code: "dns" });
  });

  test("when the certificate isn't trusted", async () => {
    let requests = 0;
    const pem = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");
    const server = createHttpsServer({ key: pem("key"), cert: pem("cert") }, () => requests++);
    const { client } = clientOf(`https://127.0.0.1:${await listen(server)}/`);
    expect(await errorOf(post(client))).toMatchObject({ phase: "connect", code: "certificate" });
    expect(requests).toBe(0);
  });

  test("when the other side speaks no TLS", async () => {
    const { url } = await serve((_, response) => response.end());
    const error = await errorOf(post(clientOf(url.replace("http:", "https:")).client));
    expect(error).toMatchObject({ phase: "connect", code: "tls" });
  });

  test("when the connection is reset in the handshake", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    const error = await errorOf(post(clientOf(`https://127.0.0.1:${await listen(server)}/`).client));
    expect(error.phase).toBe("connect");
  });

  test("when the handshake takes longer than the call may", async () => {
    const server = createTcpServer();
    const { client, clock } = clientOf(`https://127.0.0.1:${await listen(server)}/`);
    const call = errorOf(post(client));
    await once(server, "connection");
    clock.advance(TIMEOUT_MS);
    expect(await call).toMatchObject({ phase: "connect", code: "timeout" });
  });

  test("when the run was stopped before", async () => {
    let requests = 0;
    const { url } = await serve(() => requests++);
    const { client, clock } = clientOf(url);
    const error = await errorOf(post(client, AbortSignal.abort()));
    expect(error).toMatchObject({ phase: "connect", code: "aborted" });
    expect(requests).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe("a call is in doubt", () => {
  test("when the answer takes too long, and not a moment before", async () => {
    const { url, server } = await serve(() => {});
    const { client, clock } = clientOf(url);
    let over = false;
    const call = errorOf(post(client)).finally(() => {
      over = true;
    });
    const [request] = await once(server, "request");
    clock.advance(TIMEOUT_MS - 1);
    await Promise.resolve();
    expect(over).toBe(false);
    clock.advance(1);
    expect(await call).toMatchObject({
      phase: "sent",
      code: "timeout",
      message: "no answer within 10m (--timeout)",
    });
    if (!request.socket.destroyed) await once(request.socket, "close");
  });

  test("when its own time is over, not that of one that began before it", async () => {
    const { url, server } = await serve(() => {});
    const { client, clock } = clientOf(url);
    const ended: string[] = [];
    const began = async (name: string): Promise<void> => {
      errorOf(post(client)).then(() => ended.push(name));
      await once(server, "request");
    };
    await began("first");
    clock.advance(TIMEOUT_MS / 2);
    await began("second");
    clock.advance(TIMEOUT_MS / 2);
    await setImmediate();
    expect(ended).toEqual(["first"]);
    clock.advance(TIMEOUT_MS / 2 - 1);
    await setImmediate();
    expect(ended).toEqual(["first"]);
    clock.advance(1);
    await setImmediate();
    expect(ended).toEqual(["first", "second"]);
    expect(clock.pending).toBe(0);
  });

  test("when the answer drips", async () => {
    const events = new EventEmitter();
    const dripping = once(events, "dripping");
    const { url } = await serve((_, response) => {
      response.write("{");
      const drip = (): void => {
        if (response.destroyed) return;
        response.write(" ", () => setImmediate().then(drip));
        events.emit("dripping");
      };
      drip();
    });
    const { client, clock } = clientOf(url);
    const call = errorOf(post(client));
    await dripping;
    clock.advance(TIMEOUT_MS);
    expect(await call).toMatchObject({ phase: "sent", code: "timeout" });
  });

  test("when the connection is reset before an answer", async () => {
    const { url } = await serve((request) => request.socket.resetAndDestroy());
    expect(await errorOf(post(clientOf(url).client))).toMatchObject({
      phase: "sent",
      code: "connection_reset",
    });
  });

  test("when a connection that was kept alive is reset before an answer", async () => {
    let requests = 0;
    const { url } = await serve((request, response) => {
      requests++;
      if (requests === 1) response.end("{}");
      else request.socket.resetAndDestroy();
    });
    const { client } = clientOf(url);
    await post(client);
    expect(await errorOf(post(client))).toMatchObject({ phase: "sent", code: "connection_reset" });
    expect(requests).toBe(2);
  });

  test("when the body ends before its length", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"choices":', () => response.destroy());
    });
    expect(await errorOf(post(clientOf(url).client))).toMatchObject({
      phase: "sent",
      code: "connection_reset",
    });
  });

  test("when a body in chunks ends in the middle", async () => {
    const { url } = await serve((_, response) => {
      response.write('{"choices":', () => response.destroy());
    });
    expect(await errorOf(post(clientOf(url).client))).toMatchObject({ phase: "sent" });
  });

  test("when the headers are huge", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "x-huge": "x".repeat(200_000) }).end("{}");
    });
    expect(await errorOf(post(clientOf(url).client))).toMatchObject({
      phase: "sent",
      code: "headers_too_large",
    });
  });

  test("when what comes back isn't HTTP", async () => {
    const server = createTcpServer((socket) => socket.once("data", () => socket.end("hello\r\n\r\n")));
    const { client } = clientOf(`http://127.0.0.1:${await listen(server)}/`);
    expect(await errorOf(post(client))).toMatchObject({ phase: "sent", code: "bad_http" });
  });

  test("when the run is stopped, which leaves nothing behind", async () => {
    const { url, server } = await serve(() => {});
    const { client, clock } = clientOf(url);
    const stop = new AbortController();
    const call = errorOf(post(client, stop.signal));
    const [request] = await once(server, "request");
    stop.abort();
    expect(await call).toMatchObject({ phase: "sent", code: "aborted" });
    expect(clock.pending).toBe(0);
    if (!request.socket.destroyed) await once(request.socket, "close");
  });

  test("when the client is closed under it", async () => {
    const { url, server } = await serve(() => {});
    const { client } = clientOf(url);
    const call = errorOf(post(client));
    await once(server, "request");
    await client.close();
    expect(await call).toMatchObject({ phase: "sent", code: "connection_reset" });
  });
});

test("calls share the signal of the run without leaving a listener or a warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on("warning", onWarning);
  const { url } = await serve((_, response) => response.end("{}"));
  const { client } = clientOf(url);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => post(client, signal)));
  process.off("warning", onWarning);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(warnings).toEqual([]);
});

test("a proxy of the environment is used, but not for what NO_PROXY names, nor for this machine", async () => {
  const asked: unknown[] = [];
  const proxy = await serve(() => {});
  proxy.server.on("connect", (request, socket) => {
    asked.push(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  const { url } = await serve((_, response) => response.end("{}"));
  const before = { ...process.env };
  Object.assign(process.env, { HTTP_PROXY: proxy.url, NO_PROXY: "spared.invalid" });
  try {
    expect((await post(clientOf(url).client)).status).toBe(200);
    expect((await errorOf(post(clientOf("http://spared.invalid/v1").client))).code).toBe("dns");
    const error = await errorOf(post(clientOf("http://provider.invalid/v1").client));
    expect(error.phase).toBe("connect");
  } finally {
    process.env = before;
  }
  expect(asked).toEqual(["provider.invalid:80"]);
});
