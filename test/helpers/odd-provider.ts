import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { serve } from "./loopback.ts";

export interface OddCall {
  headers: IncomingHttpHeaders;
  body: string;
  /** The text of the last message. */
  prompt: string;
}

export interface OddProvider {
  url: string;
  /** The flags that point a run at it. */
  at: string[];
  /** Every call so far. */
  calls: OddCall[];
}

/** A provider that answers each call as a test wants it, however wrong. */
export async function oddProvider(
  answer: (call: OddCall, response: ServerResponse) => void,
): Promise<OddProvider> {
  const calls: OddCall[] = [];
  const { url } = await serve(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString("utf8");
    const call = { headers: request.headers, body, prompt: promptOf(body) };
    calls.push(call);
    response.on("error", () => {});
    answer(call, response);
  });
  return { url, at: ["--base-url", url, "-m", "odd-1"], calls };
}

function promptOf(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] };
  return messages.at(-1)!.content;
}

/** The JSON text of a chat completion; `more` goes before what is usual. */
export function chatText(content: unknown, more: object = {}): string {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 };
  return JSON.stringify({ id: "chatcmpl-1", model: "odd-1", choices, usage, ...more });
}

export function send(response: ServerResponse, text: string | Buffer, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}

/** Answers every prompt with itself. */
export const echo = ({ prompt }: OddCall, response: ServerResponse): void => send(response, chatText(prompt));
