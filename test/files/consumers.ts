import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** What a program knows after it has read a batch's results: by the line's id. */
export type Read = Map<string, unknown>;

/** Reads a file of results by the provider's own SDK. */
export type Consumer = (path: string) => Promise<Read>;

type Body =
  | OpenAI.ChatCompletion
  | OpenAI.Responses.Response
  | OpenAI.CreateEmbeddingResponse
  | OpenAI.Completion
  | OpenAI.ModerationCreateResponse;

/** A line of the results; the SDK has types for what is in it, and none for the line. */
interface OpenAiResult {
  id: string;
  custom_id: string;
  response: { status_code: number; request_id: string; body: Body | { error: OpenAI.ErrorObject } } | null;
  error: { code: string; message: string } | null;
}

/** As programs read OpenAI's output file: downloaded by the SDK, a line at a time. */
export const readOpenAi: Consumer = (path) =>
  served(path, {}, async (url) => {
    const client = new OpenAI({ apiKey: "none", baseURL: `${url}/v1`, maxRetries: 0 });
    const file = await client.files.content("file-1");
    const read: Read = new Map();
    for await (const line of createInterface(Readable.fromWeb(file.body as never))) {
      const { id, custom_id, response, error } = JSON.parse(line) as OpenAiResult;
      if (read.has(custom_id) || !id || !response || error) throw new Error(`a line that can't be: ${line}`);
      read.set(custom_id, openAiAnswer(response));
    }
    return read;
  });

function openAiAnswer({ status_code, request_id, body }: NonNullable<OpenAiResult["response"]>): unknown {
  if (status_code !== 200) return { status_code, ...(body as { error: OpenAI.ErrorObject }).error };
  return { request_id, ...answerIn(body as Body) };
}

function answerIn(body: Body): object {
  if ("choices" in body) {
    const [choice] = body.choices;
    const text = "text" in choice! ? choice.text : choice!.message.content;
    return { id: body.id, text, finish: choice!.finish_reason, usage: body.usage, model: body.model };
  }
  if ("output" in body) {
    const texts = body.output.flatMap((item) => (item.type === "message" ? item.content : []));
    return { id: body.id, texts, status: body.status, usage: body.usage, model: body.model };
  }
  if ("data" in body)
    return { vectors: body.data.map(({ embedding }) => embedding), usage: body.usage, model: body.model };
  return { id: body.id, results: body.results, model: body.model };
}

/** As programs read Anthropic's results: streamed and decoded by the SDK. */
export const readAnthropic: Consumer = (path) =>
  served(path, { id: "msgbatch_1", type: "message_batch", processing_status: "ended" }, async (url) => {
    const client = new Anthropic({ apiKey: "none", authToken: null, baseURL: url, maxRetries: 0 });
    const read: Read = new Map();
    for await (const { custom_id, result } of await client.messages.batches.results("msgbatch_1")) {
      if (read.has(custom_id)) throw new Error(`${custom_id} is there twice`);
      read.set(custom_id, anthropicAnswer(result));
    }
    return read;
  });

function anthropicAnswer(result: Anthropic.Messages.MessageBatchResult): unknown {
  if (result.type === "errored") return { outcome: result.type, ...result.error.error };
  if (result.type !== "succeeded") return result;
  const { id, role, content, stop_reason, usage, model } = result.message;
  return { id, role, content, stop_reason, usage, model };
}

/** A provider that has the file, and a batch that tells where. */
async function served(path: string, batch: object, read: (url: string) => Promise<Read>): Promise<Read> {
  const server = createServer((request, response) => {
    if (/\/(content|results)$/.test(request.url!)) return void createReadStream(path).pipe(response);
    const told = { ...batch, results_url: `${url}/v1/messages/batches/msgbatch_1/results` };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await read(url);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
