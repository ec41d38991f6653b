import type { Ending } from "../domain/ending.ts";
import { toUsd } from "../domain/nano-usd.ts";
import { OUTCOME_RULES, type Outcome } from "../domain/outcome.ts";
import type { LoggedAttempt } from "./logged-attempt.ts";

const MESSAGE_CHARS = 1_000;

/** An ending, and the owner its job was claimed for. */
export interface OwnedEnding {
  ending: Ending;
  owner: number | null;
}

/** What its end makes of a job, while it is running under this attempt of this owner. */
export function settlementOf({ ending: { job, outcome, decision }, owner }: OwnedEnding) {
  const hasError = decision.state !== "succeeded";
  return {
    job: job.id,
    attempt: job.attempt,
    owner,
    state: decision.state,
    availableAt: Math.ceil(decision.availableAt),
    failures: Number(decision.countsAs === "failure"),
    invalid: Number(decision.countsAs === "invalid"),
    asks: Number(OUTCOME_RULES[outcome.kind].asksAnew),
    errorCode: hasError ? outcome.code : null,
    errorMessage: hasError ? storedMessage(outcome) : null,
  };
}

/** The result of a job that has succeeded. */
export function resultOf({ job, outcome, timing, provider }: Ending, finishedAt: number) {
  const { output, model, finishReason, usage, serviceTier } = outcome.answer!;
  return {
    job: job.id,
    attempt: job.attempt,
    httpStatus: outcome.httpStatus,
    inputTokens: usage.inputTokens,
    cachedInputTokens: usage.cachedInputTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    costUsd: costUsdOf(outcome),
    sentAt: Math.round(timing.sentAt),
    latencyMs: Math.round(timing.latencyMs),
    waitMs: Math.round(timing.waitMs),
    finishedAt,
    requestId: outcome.requestId,
    model,
    finishReason,
    serviceTier,
    provider,
    outputCharacters: output.length,
    responseCharacters: outcome.raw?.length ?? 0,
    output,
    response: outcome.raw,
  };
}

/** What is kept of an attempt that did not become a result. */
export function attemptOf(ending: Ending, owner: number | null, isOurs: boolean): LoggedAttempt {
  const { job, outcome, decision, timing, provider } = ending;
  return {
    job: job.id,
    attempt: job.attempt,
    owner,
    kind: outcome.kind,
    code: outcome.code,
    message: storedMessage(outcome),
    httpStatus: outcome.httpStatus,
    requestId: outcome.requestId,
    sentAt: Math.round(timing.sentAt),
    latencyMs: Math.round(timing.latencyMs),
    retryAfterMs: outcome.retryAfterMs === null ? null : Math.round(outcome.retryAfterMs),
    response: isWorthKeeping(ending, isOurs) ? outcome.raw : null,
    provider,
    counted: Number(isOurs && decision.countsAs === "failure"),
  };
}

function storedMessage({ message }: Outcome): string {
  return message.slice(0, MESSAGE_CHARS);
}

/** Null where the price is unknown. */
function costUsdOf({ costNanoUsd }: Outcome): number | null {
  return costNanoUsd === null ? null : toUsd(costNanoUsd);
}

/** An answer that was paid for, or a body that the export shows. The thousand error pages of an outage are not kept. */
function isWorthKeeping({ outcome, decision }: Ending, isOurs: boolean): boolean {
  return !isOurs || decision.state === "failed" || OUTCOME_RULES[outcome.kind].asksAnew;
}
