import type { IncomingMessage, ServerResponse } from "node:http";
import { LlmBatchError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { parseControl } from "./control.ts";
import { Delivery } from "./delivery.ts";
import type { Engine } from "./engine.ts";
import { errorReply, jsonReply, type Reply } from "./reply.ts";
import { badRequest, simulatedError } from "./simulated-error.ts";
import { statsPage } from "./stats-page.ts";
import { chat } from "./wire/chat.ts";
import { messages } from "./wire/messages.ts";
import { FORMS_BY_PATH } from "./wire/wire-forms.ts";

const MAX_BODY_BYTES = 64 * 1_024 * 1_024;

/** What serves the requests of one simulator. */
export function createRoutes(engine: Engine, clock: Clock) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [path, query] = (request.url ?? "/").split("?", 2) as [string, string?];
    const form = FORMS_BY_PATH.get(path);
    if (form && request.method === "POST") {
      readBody(request, response, (body) => {
        const call = engine.receive(form, request.headers, body);
        new Delivery(call, response, { slots: engine.slots, clock }).start();
      });
    } else if (path === "/control" && request.method === "POST") {
      readBody(request, response, (body) => send(response, control(engine, body)));
    } else {
      send(response, look(engine, clock, request, { path, query }));
    }
  };
}

interface Place {
  path: string;
  query: string | undefined;
}

/** Everything that only reads. */
function look(engine: Engine, clock: Clock, request: IncomingMessage, { path, query }: Place): Reply {
  if (request.method === "GET") {
    if (path === "/") return page(engine);
    if (path === "/stats") return stats(engine, new URLSearchParams(query).get("prompts") === "1");
    if (path === "/v1/models" || path === "/models") return models(engine, clock, request);
  }
  const message = `There is no ${request.method} ${path} here.`;
  return errorReply(chat, { ...badRequest(message, null), status: 404, code: "unknown_url" }, []);
}

function page(engine: Engine): Reply {
  return {
    ...jsonReply(200, statsPage(engine.stats(), engine.prompts()), []),
    contentType: "text/html; charset=utf-8",
  };
}

function stats(engine: Engine, withPrompts: boolean): Reply {
  const report = engine.stats();
  if (!withPrompts) return jsonReply(200, JSON.stringify(report), []);
  const byPrompt = Array.from(engine.prompts(), ([prompt, { calls, succeeded }]) => [
    prompt,
    { calls, succeeded },
  ]);
  return jsonReply(200, JSON.stringify({ ...report, by_prompt: Object.fromEntries(byPrompt) }), []);
}

function models(engine: Engine, clock: Clock, { headers }: IncomingMessage): Reply {
  const { "require-key": key, models: names } = engine.settings;
  // That of messages takes a key in either place.
  if (key !== null && messages.apiKey(headers) !== key) return errorReply(chat, simulatedError(401), []);
  const created = Math.floor(clock.wall() / 1_000);
  const data = (names ?? ["sim"]).map((id) => ({ id, object: "model", created, owned_by: "simulator" }));
  return jsonReply(200, JSON.stringify({ object: "list", data }), []);
}

function control(engine: Engine, body: string): Reply {
  try {
    engine.control(parseControl(body));
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    const { code, message, hint } = error;
    return jsonReply(400, JSON.stringify({ error: { code, message, hint } }), []);
  }
  return jsonReply(200, JSON.stringify(engine.stats()), []);
}

function send(response: ServerResponse, { status, headers, contentType, body }: Reply): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, ["content-type", contentType, "content-length", length, ...headers]).end(body);
}

function readBody(request: IncomingMessage, response: ServerResponse, use: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on("end", () => {
    if (bytes <= MAX_BODY_BYTES) return use(Buffer.concat(chunks).toString());
    send(response, errorReply(chat, { ...badRequest("The body is too large.", null), status: 413 }, []));
  });
}
