import { EventEmitter, getEventListeners, once } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { serve } from "../../../helpers/loopback.ts";
import { clientOf, errorOf, post } from "./client-rig.ts";

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

  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["gzip, br", (text: string) => brotliCompressSync(gzipSync(text))],
  ])("that was packed unasked is unpacked: %s", async (encoding, pack) => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(pack('{"a":"ü"}'));
    });
    expect(await post(clientOf(url).client)).toMatchObject({ body: '{"a":"ü"}', cutOff: false });
  });

  test("that isn't packed as its header says stays as it came", async () => {
    const { url } = await serve((request, response) => {
      const encoding = request.url === "/a" ? "gzip" : "of-a-new-kind";
      response.writeHead(200, { "content-encoding": encoding }).end("{}");
    });
    for (const path of ["/a", "/b"]) {
      expect(await post(clientOf(url + path).client)).toMatchObject({ body: "{}", cutOff: false });
    }
  });

  test("that unpacks to more than is read is cut off", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("a".repeat(2 * 1024 * 1024)));
    });
    expect(await post(clientOf(url).client)).toMatchObject({ cutOff: true });
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
