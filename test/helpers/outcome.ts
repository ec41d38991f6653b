import type { Outcome, OutcomeKind } from "../../src/domain/outcome.ts";
import { answerOf } from "./answer.ts";

const STATUS: Partial<Record<OutcomeKind, number>> = {
  succeeded: 200,
  throttled: 429,
  exhausted: 429,
  overloaded: 503,
  transient: 500,
  blocked: 401,
  rejected: 400,
  malformed: 200,
};

/** An outcome of a kind, as a provider adapter would give it. */
export function outcomeOf(kind: OutcomeKind, details: Partial<Outcome> = {}): Outcome {
  const httpStatus = STATUS[kind] ?? null;
  return {
    kind,
    code: httpStatus ? `http_${httpStatus}` : kind,
    message: kind,
    httpStatus,
    requestId: null,
    retryAfterMs: null,
    blockedBy: kind === "blocked" ? "key" : null,
    quota: [],
    answer: kind === "succeeded" && !details.answer ? answerOf() : null,
    costNanoUsd: null,
    raw: null,
    ...details,
  };
}
