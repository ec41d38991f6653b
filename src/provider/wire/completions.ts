import { asObject, asObjects, textOrNull } from "./json-value.ts";
import { openAiHeaders } from "./open-ai-headers.ts";
import { completionUsage } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/** OpenAI's legacy completions. */
export const completionsForm: WireForm = {
  path: "/v1/completions",
  baseUrl: "versioned",
  headers: openAiHeaders,

  /** The text; of several prompts, a list of their texts. */
  read(json) {
    const reply = asObject(json);
    const choices = asObjects(reply.choices);
    const texts = choices.map(({ text }) => textOrNull(text));
    if (texts.length === 0 || texts.includes(null)) return null;
    return {
      output: JSON.stringify(texts.length === 1 ? texts[0] : texts),
      model: textOrNull(reply.model),
      finishReason: textOrNull(choices[0]!.finish_reason),
      usage: completionUsage(reply.usage),
      serviceTier: textOrNull(reply.service_tier),
    };
  },
};
