import type { Api } from "../../domain/request.ts";
import type { BodyForm } from "./body-form.ts";
import { chatBody } from "./chat.ts";
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
