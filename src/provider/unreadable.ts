import type { Outcome } from "../domain/outcome.ts";
import { type Reply, TransportError } from "./http/reply.ts";
import { oneLine } from "./one-line.ts";
import type { Redact } from "./redact.ts";

/**
 * The outcome of a call whose end we fail to make sense of. That is a fault of ours, which asking again would only pay for
 * again: the row fails, and what came is kept.
 *
 * @param known what was made of the end before it failed; null for nothing
 */
export function unreadable(
  error: unknown,
  end: Reply | TransportError,
  known: Outcome | null,
  redact: Redact,
): Outcome {
  const reply = end instanceof TransportError ? null : end;
  const why = error instanceof Error ? error.message : String(error);
  return {
    httpStatus: reply?.status ?? null,
    requestId: null,
    retryAfterMs: null,
    blockedBy: null,
    quota: [],
    answer: null,
    raw: reply && redact.answer(reply.body),
    ...known,
    costNanoUsd: null,
    kind: "rejected",
    code: "unreadable_reply",
    message: oneLine(`a fault in llm-batch: the reply can't be made sense of: ${redact.error(why)}`),
  };
}
