import { compactJson, textAt } from "../../domain/raw-json.ts";
import { asObject, textOrNull } from "./json-value.ts";
import { openAiHeaders } from "./open-ai-headers.ts";
import { completionUsage } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/** OpenAI's moderations: free of charge, so they report no usage. */
export const moderationsForm: WireForm = {
  path: "/v1/moderations",
  baseUrl: "versioned",
  headers: openAiHeaders,

  /** The results with their scores as they came, one for each input. */
  read(json, text) {
    const reply = asObject(json);
    if (!Array.isArray(reply.results) || reply.results.length === 0) return null;
    return {
      output: compactJson(textAt(text, ["results"])),
      model: textOrNull(reply.model),
      finishReason: null,
      usage: completionUsage(reply.usage),
      serviceTier: null,
    };
  },
};
