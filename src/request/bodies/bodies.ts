import type { Api, Target } from "../../domain/request.ts";
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

type Server = Pick<Target, "api" | "provider" | "isNamed" | "baseUrl">;

/** The body of an API as a server takes it. */
export function bodyFor(server: Server): BodyForm {
  const isOpenAi = OPENAI.test(server.baseUrl) || isBehindGateway(server);
  return server.api === "chat" && isOpenAi ? openAiChatBody : BODIES[server.api];
}

/** Whether it is OpenAI by the user's word alone: gateways hand a body on as it is, or know both names. */
export function isBehindGateway({ provider, isNamed, baseUrl }: Server): boolean {
  return provider === "openai" && isNamed && !OPENAI.test(baseUrl);
}
