import type { Prompt } from "../prompt.ts";
import { RowError } from "../row-error.ts";
import type { BodyForm } from "./body-form.ts";

/** OpenAI's embeddings. */
export const embeddingsBody = textForm("an embedding", "input");

/** OpenAI's moderations. */
export const moderationsBody = textForm("a moderation", "input");

/** OpenAI's completions, the API from before there were messages. */
export const completionsBody: BodyForm = {
  ...textForm("a completion", "prompt"),
  names: { temperature: "temperature", maxTokens: "max_tokens", serviceTier: null },
};

/** An API that takes a text and has nothing to set besides. */
function textForm(title: string, field: string): BodyForm {
  return {
    title,
    names: { temperature: null, maxTokens: null, serviceTier: null },
    defaultMaxTokens: null,
    promptFields: [field],
    takesSystem: false,
    prompt: ({ text }: Prompt) => {
      if (text !== null) return `${JSON.stringify(field)}:${text}`;
      throw new RowError("UNSUPPORTED_ROW", `the row has "messages", and ${title} takes a text`);
    },
    schema: null,
  };
}
