import type { Outcome } from "../../../../src/domain/outcome.ts";
import { classify } from "../../../../src/provider/classify/classify.ts";
import type { Reply } from "../../../../src/provider/http/reply.ts";
import { redact } from "../../../../src/provider/redact.ts";
import { chatForm } from "../../../../src/provider/wire/chat.ts";

export const KEY = "sk-secret-0123456789abcdef";
export const CONTEXT = { wire: chatForm, dialect: "generic", wallMs: 0, redact: redact(KEY) } as const;

/** What a reply of a chat endpoint is classified as. */
export function outcomeOf(status: number, body: unknown, rest: Partial<Reply> = {}): Outcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return classify({ status, headers: {}, body: text, cutOff: false, ...rest }, CONTEXT);
}
