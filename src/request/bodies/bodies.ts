import type { Api } from "../../domain/request.ts";
import type { BodyForm } from "./body-form.ts";
import { chatBody, openAiChatBody } from "./chat.ts";
import { messagesBody } from "./messages.ts";
import { responsesBody } from "./responses.ts";
import { completionsBody, embeddingsBody, moderationsBody } from "./text-forms.ts";

/** The body of each API. */
export const BODIES: Readonly<Record<Api, BodyForm>> = {
  chat: chatBody,
  responses: responsesBody,
  embeddings: embeddingsBody,
  messages: messagesBody,
  completions: completionsBody,
  moderations: moderationsBody,
};

/** OpenAI's own servers, those of a region too. */
const OPENAI = /^https:\/\/([a-z]+\.)?api\.openai\.com(?:\/|$)/;

/** The body of an API as the server at an address takes it. */
export function bodyFor(api: Api, baseUrl: string): BodyForm {
  return api === "chat" && OPENAI.test(baseUrl) ? openAiChatBody : BODIES[api];
}
