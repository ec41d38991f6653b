import type { Api } from "../../domain/request.ts";
import { chatForm } from "./chat.ts";
import { completionsForm } from "./completions.ts";
import { embeddingsForm } from "./embeddings.ts";
import { messagesForm } from "./messages.ts";
import { moderationsForm } from "./moderations.ts";
import { responsesForm } from "./responses.ts";
import type { WireForm } from "./wire-form.ts";

/** How each API is spoken. */
export const WIRE_FORMS: Readonly<Record<Api, WireForm>> = {
  chat: chatForm,
  responses: responsesForm,
  embeddings: embeddingsForm,
  completions: completionsForm,
  moderations: moderationsForm,
  messages: messagesForm,
};
