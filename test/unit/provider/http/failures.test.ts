import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { freePort, listen, serve } from "../../../helpers/loopback.ts";
import { clientOf, errorOf, post, TIMEOUT_MS } from "./client-rig.ts";

describe("nothing was sent", () => {
  test("when nothing listens", async () => {
    const { client, clock } = clientOf(`http://127.0.0.1:${await freePort()}/`);
    const error = await errorOf(post(client));
    expect(error).toMatchObject({ phase: "connect", code: "connection_refused" });
    expect(error.message).toMatch(/^nothing listens at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/);
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
    expect(error.message).toMatch(/nowhere\.invalid.* \((ENOTFOUND|EAI_AGAIN)\)$/);
  });

  test("when the certificate isn't trusted", async () => {
    let requests = 0;
    const pem = (name: string): string =>
      readFileSync(new URL(`../tls/${name}.pem`, import.meta.url), "utf8");
    const server = createHttpsServer({ key: pem("key"), cert: pem("cert") }, () => requests++);
    const { client } = clientOf(`https://127.0.0.1:${await listen(server)}/`);
    expect(await errorOf(post(client))).toMatchObject({ phase: "connect", code: "certificate" });
    expect(requests).toBe(0);
  });

  test("when the other side speaks no TLS", async () => {
    const { url } = await serve((_, response) => response.end());
    const error = await errorOf(post(clientOf(url.replace("http:", "https:")).client));
    expect(error).toMatchObject({ phase: "connect", code: "tls" });
    expect(error.message).toMatch(/^the server speaks no TLS, is it an address with http:\/\/\? \(/);
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
