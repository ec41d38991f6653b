import { elementTexts, memberTexts } from "../../domain/raw-json.ts";
import { anthropicSchema } from "../anthropic-schema.ts";
import { RowError } from "../row-error.ts";
import type { BodyForm } from "./body-form.ts";

/** Anthropic's Messages API, where a system prompt is no message. */
export const messagesBody: BodyForm = {
  title: "a message",
  names: { temperature: "temperature", maxTokens: "max_tokens", serviceTier: "service_tier" },
  defaultMaxTokens: 4_096,
  promptFields: ["messages", "system"],
  takesSystem: true,
  prompt({ system, text, messages, bringsSystem }) {
    const list = messages ?? `[{"role":"user","content":${text}}]`;
    if (bringsSystem) return withoutSystem(list);
    return system === null ? `"messages":${list}` : `"system":${system},"messages":${list}`;
  },
  // Without a beta header: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
  schema: ({ json }) => ({
    field: "output_config",
    member: "format",
    json: `{"type":"json_schema","schema":${anthropicSchema(json)}}`,
  }),
};

/** A list's leading system message becomes the system prompt; it may be a text or a list of parts, as the API takes it. */
function withoutSystem(messages: string): string {
  const [system, ...others] = elementTexts(messages);
  const content = memberTexts(system!).get("content");
  if (content === undefined) throw new RowError("BAD_FIELD_TYPE", 'messages[0] has no "content"');
  if (others.length === 0) {
    throw new RowError("MISSING_FIELD", 'the field "messages" holds nothing but a system message');
  }
  return `"system":${content},"messages":[${others.join(",")}]`;
}
