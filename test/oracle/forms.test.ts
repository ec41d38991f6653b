import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { type JournalEntry, LLMock } from "@copilotkit/aimock";
import OpenAI from "openai";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Usage } from "../../src/domain/usage.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { readResults } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { simulate } from "../helpers/simulate.ts";
import { ask, KEY } from "./ask.ts";

const PROMPT = "What is the answer?";
const ROW = { prompt: PROMPT };

/** Statuses of errors, and what they are to us. */
const KINDS: Record<number, string> = {
  400: "rejected",
  401: "blocked",
  404: "blocked",
  429: "throttled",
  500: "transient",
  503: "overloaded",
};

/** What a reply says, to the SDK or to us. */
interface Said {
  output: unknown;
  model: string;
  finishReason: string | null;
  usage: Pick<Usage, "inputTokens" | "outputTokens">;
}

interface Sdks {
  openai: OpenAI;
  anthropic: Anthropic;
}

type Form = "chat" | "responses" | "embeddings" | "messages";

/** The same question by each form's SDK. */
const CALLS: Record<Form, (sdks: Sdks) => Promise<Said>> = {
  async chat({ openai }) {
    const messages = [{ role: "user" as const, content: PROMPT }];
    const { choices, model, usage } = await openai.chat.completions.create({ model: "m", messages });
    const [choice] = choices;
    return {
      output: choice!.message.content,
      model,
      finishReason: choice!.finish_reason,
      usage: { inputTokens: usage!.prompt_tokens, outputTokens: usage!.completion_tokens },
    };
  },
  async responses({ openai }) {
    const { output_text, model, usage } = await openai.responses.create({ model: "m", input: PROMPT });
    return {
      output: output_text,
      model,
      finishReason: "stop",
      usage: { inputTokens: usage!.input_tokens, outputTokens: usage!.output_tokens },
    };
  },
  async embeddings({ openai }) {
    const { data, model, usage } = await openai.embeddings.create({
      model: "m",
      input: PROMPT,
      encoding_format: "float",
    });
    return {
      output: data[0]!.embedding,
      model,
      finishReason: null,
      usage: { inputTokens: usage.prompt_tokens, outputTokens: 0 },
    };
  },
  async messages({ anthropic }) {
    const messages = [{ role: "user" as const, content: PROMPT }];
    const reply = await anthropic.messages.create({ model: "m", max_tokens: 50, messages });
    return {
      output: reply.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      model: reply.model,
      finishReason: reply.stop_reason,
      usage: { inputTokens: reply.usage.input_tokens, outputTokens: reply.usage.output_tokens },
    };
  },
};
const FORMS = Object.keys(CALLS) as Form[];

/** Our own question of that form. */
function askAs(api: Form, url: string) {
  if (api === "messages") return ask(ROW, { api, provider: "anthropic", baseUrl: url, maxTokens: 50 });
  const floats = { encoding_format: '"float"' };
  return ask(ROW, { api, baseUrl: `${url}/v1`, ...(api === "embeddings" && { params: floats }) });
}

function sdksOf(url: string): Sdks {
  const common = { apiKey: KEY, maxRetries: 0 };
  return {
    openai: new OpenAI({ ...common, baseURL: `${url}/v1` }),
    anthropic: new Anthropic({ ...common, authToken: null, baseURL: url }),
  };
}

/** A mock provider that is none of ours. */
async function startMock(): Promise<LLMock> {
  const mock = new LLMock({ port: 0, logLevel: "silent" });
  const usage = { prompt_tokens: 11, completion_tokens: 7, input_tokens: 11, output_tokens: 7 };
  mock.onMessage(PROMPT, { content: "Forty-two.", usage });
  mock.onEmbedding(PROMPT, { embedding: [0.25, -0.5, 0.125] });
  await mock.start();
  onTestFinished(() => mock.stop());
  return mock;
}

/** A provider's address; `fail` has the next request end with an error. */
interface Server {
  url: string;
  fail(): void;
}

const SERVERS: Record<string, (status: number) => Promise<Server>> = {
  async aimock(status) {
    const mock = await startMock();
    const error = { message: `Model trouble ${status}.`, type: `type_${status}`, code: `code_${status}` };
    return { url: mock.url, fail: () => mock.nextRequestError(status, error) };
  },
  async "the simulator"(status) {
    const { url } = await simulate(["fault", String(status)]);
    return { url: new URL(url).origin, fail: () => {} };
  },
};

async function expectSameAnswer(api: Form, url: string): Promise<void> {
  const theirs = await CALLS[api](sdksOf(url));
  const { kind, answer } = await askAs(api, url);
  expect(kind).toBe("succeeded");
  const { output, model, finishReason, usage } = answer!;
  const { inputTokens, outputTokens } = usage;
  const ours = { output: JSON.parse(output), model, finishReason, usage: { inputTokens, outputTokens } };
  expect(ours).toEqual(theirs);
}

/** Anthropic's SDK shows its key as a bearer, and we in the header that every version of the API takes. */
function compared({ method, path, headers, body }: JournalEntry) {
  const { accept, "content-type": type, authorization, "x-api-key": key } = headers;
  return { method, path, accept, type, key: authorization ?? key, body };
}

describe.each(FORMS)("as %s,", (api) => {
  test("another's mock server is sent the SDK's own request, and its reply says the same to us", async () => {
    const mock = await startMock();
    await expectSameAnswer(api, mock.url);
    const [theirs, ours] = mock.getRequests().map(compared);
    expect(theirs!.path).toMatch(/^\/v1\//);
    expect(ours).toEqual(theirs);
  });

  test("the simulator's reply says the same to us as to the SDK", async () => {
    const { url } = await simulate();
    await expectSameAnswer(api, new URL(url).origin);
  });

  const errors = Object.keys(SERVERS).flatMap((server) =>
    Object.entries(KINDS).map(([status, kind]) => [server, Number(status), kind] as const),
  );
  test.each(errors)("an error of %s says the same to us: %d, which is %s", async (server, status, kind) => {
    const { url, fail } = await SERVERS[server]!(status);
    fail();
    const error = await CALLS[api](sdksOf(url)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(api === "messages" ? Anthropic.APIError : OpenAI.APIError);
    const theirs = error as InstanceType<typeof OpenAI.APIError>;
    fail();
    const ours = await askAs(api, url);
    expect(ours).toMatchObject({ kind, httpStatus: theirs.status, code: theirs.code ?? theirs.type });
    expect(theirs.message).toContain(ours.message);
    const wait = theirs.headers!.get("retry-after");
    expect(ours.retryAfterMs).toBe(wait === null ? null : Number(wait) * 1_000);
  });
});

test("a run through another's mock server has every answer, with its usage", async () => {
  const mock = await startMock();
  const cwd = tempFolder();
  const rows = Array.from({ length: 100 }, () => JSON.stringify(ROW));
  writeFileSync(join(cwd, "rows.jsonl"), rows.join("\n"));
  const args = ["run", "rows.jsonl", "--base-url", `${mock.url}/v1`, "-m", "m", "-o", "out.jsonl"];
  const { code, stderr } = await runCli(args, { cwd });
  expect(code, stderr).toBe(0);
  expect(readResults(cwd, "out.jsonl").every(({ output }) => output === "Forty-two.")).toBe(true);
  const { tokens } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
  expect(tokens).toMatchObject({ input: 1_100, output: 700 });
});
