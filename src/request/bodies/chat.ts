import type { BodyForm } from "./body-form.ts";

/** OpenAI's chat completions, as nearly every provider serves them. */
export const chatBody: BodyForm = {
  title: "a chat completion",
  names: { temperature: "temperature", maxTokens: "max_tokens", serviceTier: "service_tier" },
  defaultMaxTokens: null,
  promptFields: ["messages"],
  takesSystem: true,
  prompt({ system, text, messages }) {
    const list = messages ?? `[{"role":"user","content":${text}}]`;
    if (system === null) return `"messages":${list}`;
    return `"messages":[{"role":"system","content":${system}},${list.slice(1)}`;
  },
  schema: ({ name, json, isStrict }) => ({
    field: "response_format",
    member: null,
    json: `{"type":"json_schema","json_schema":{"name":"${name}","schema":${json},"strict":${isStrict}}}`,
  }),
};

/** The same as OpenAI itself takes it: its reasoning models refuse `max_tokens`, and all of its models take this. */
export const openAiChatBody: BodyForm = {
  ...chatBody,
  names: { ...chatBody.names, maxTokens: "max_completion_tokens" },
};
