import { compactJson, elementTexts, textAt } from "../../domain/raw-json.ts";
import { asObject, asObjects, textOrNull } from "./json-value.ts";
import { openAiHeaders } from "./open-ai-headers.ts";
import { completionUsage } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/** OpenAI's embeddings. */
export const embeddingsForm: WireForm = {
  path: "/v1/embeddings",
  baseUrl: "versioned",
  headers: openAiHeaders,

  read(json, text) {
    const reply = asObject(json);
    const embeddings = asObjects(reply.data).map(({ embedding }) => embedding);
    if (embeddings.length === 0 || !embeddings.every(isEmbedding)) return null;
    return {
      output: outputOf(text),
      model: textOrNull(reply.model),
      finishReason: null,
      usage: completionUsage(reply.usage),
      serviceTier: null,
    };
  },
};

/** Numbers, or with `encoding_format: "base64"` a text. */
function isEmbedding(value: unknown): boolean {
  return (Array.isArray(value) || typeof value === "string") && value.length > 0;
}

/** The one embedding with its digits as they came; of several inputs, a list of them in their order. */
function outputOf(reply: string): string {
  const embeddings = elementTexts(textAt(reply, ["data"])).map((item) => textAt(item, ["embedding"]));
  return compactJson(embeddings.length === 1 ? embeddings[0]! : `[${embeddings.join(",")}]`);
}
