import type { BodyForm } from "./body-form.ts";

/** OpenAI's Responses API. */
export const responsesBody: BodyForm = {
  title: "a response",
  names: { temperature: "temperature", maxTokens: "max_output_tokens", serviceTier: "service_tier" },
  defaultMaxTokens: null,
  promptFields: ["input", "instructions"],
  takesSystem: true,
  prompt({ system, text, messages }) {
    const input = `"input":${text ?? messages}`;
    return system === null ? input : `"instructions":${system},${input}`;
  },
  schema: ({ name, json, isStrict }) => ({
    field: "text",
    member: "format",
    json: `{"type":"json_schema","name":"${name}","schema":${json},"strict":${isStrict}}`,
  }),
};
