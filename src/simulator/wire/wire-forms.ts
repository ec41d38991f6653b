import { chat } from "./chat.ts";
import { completions } from "./completions.ts";
import { embeddings } from "./embeddings.ts";
import { messages } from "./messages.ts";
import { moderations } from "./moderations.ts";
import { responses } from "./responses.ts";
import type { WireForm } from "./wire-form.ts";

const FORMS: readonly WireForm[] = [chat, responses, messages, embeddings, completions, moderations];

/** The forms by their paths, with and without the version. */
export const FORMS_BY_PATH: ReadonlyMap<string, WireForm> = new Map(
  FORMS.flatMap((form) => [
    [form.path, form],
    [form.path.replace("/v1", ""), form],
  ]),
);
