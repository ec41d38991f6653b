import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { loadTokenCounter } from "../../../../src/app/plan/token-counter.ts";

/** The tokenizer is an optional package. */
const isInstalled = hasTokenizer();

function hasTokenizer(): boolean {
  try {
    createRequire(import.meta.url).resolve("gpt-tokenizer");
    return true;
  } catch {
    return false;
  }
}

async function count(
  model: string,
  body: Record<string, unknown>,
  api: "chat" | "embeddings" | "responses" = "chat",
) {
  const counter = await loadTokenCounter(model);
  return counter!.count(api, JSON.stringify({ model, ...body }));
}

const user = (content: unknown) => ({ messages: [{ role: "user", content }] });

describe.runIf(isInstalled)("counting tokens by the model's tokenizer", () => {
  test.each([
    ["gpt-4o", [{ role: "user", content: "Hello, world!" }], 11],
    ["gpt-4.1-mini-2025-04-14", [{ role: "user", content: "Hello, world!" }], 11],
    ["gpt-4", [{ role: "user", content: "Hello, world!" }], 11],
    ["gpt-5", [], 3],
    [
      "gpt-5",
      [
        { role: "system", content: "" },
        { role: "user", content: "Hi" },
      ],
      12,
    ],
  ])("of %s, %j are %d", async (model, messages, tokens) => {
    expect(await count(model, { messages, max_tokens: 5, temperature: 0 })).toBe(tokens);
  });

  test("takes text that reads like a control token for text", async () => {
    expect(await count("gpt-4o", user("<|endoftext|>"))).toBeGreaterThan(10);
  });

  test("sums the texts of an embedding", async () => {
    expect(await count("text-embedding-3-small", { input: "Hello, world!" }, "embeddings")).toBe(4);
    expect(await count("text-embedding-3-small", { input: ["Hello, world!", "Hi"] }, "embeddings")).toBe(5);
  });

  test.each([
    ["an image", user([{ type: "image_url", image_url: { url: "data:," } }])],
    ["a named speaker", { messages: [{ role: "user", name: "Ann", content: "Hi" }] }],
    ["tools", { ...user("Hi"), tools: [] }],
    ["no messages", { prompt: "Hi" }],
  ])("doesn't say what it can't know: %s", async (_, body) => {
    expect(await count("gpt-4o", body)).toBeNull();
  });

  test("doesn't say what another API makes of a text", async () => {
    expect(await count("gpt-4o", { input: "Hi" }, "responses")).toBeNull();
  });

  test("counts a text without breaks in pieces, to within a token a piece", async () => {
    expect(await count("gpt-4o", user("a".repeat(200_000)))).toBe(200_000 / 8 + 7);
  });
});

test.each(["claude-sonnet-5", "gemini-2.5-pro", "gpt-6-sol", "gpt-4o2", "llama3"])(
  "%s has no tokenizer that is known",
  async (model) => {
    expect(await loadTokenCounter(model)).toBeNull();
  },
);

test.skipIf(isInstalled)("without the tokenizer's package, the error says how to get it", async () => {
  await expect(loadTokenCounter("gpt-4o")).rejects.toMatchObject({
    code: "TOKENIZER_MISSING",
    hint: expect.stringContaining("npm install gpt-tokenizer"),
  });
});
