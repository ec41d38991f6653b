import type { Answer } from "../../src/domain/outcome.ts";
import { plainUsage, type Usage } from "../../src/domain/usage.ts";

/** An answer of ten tokens to ten tokens, and what a test wants otherwise. */
export function answerOf(wanted: Partial<Answer> = {}): Answer {
  return {
    output: '"yes"',
    model: "m",
    finishReason: "stop",
    usage: usageOf(),
    serviceTier: null,
    ...wanted,
  };
}

/** Ten tokens in and ten out, nothing cached or thought, and what a test wants otherwise. */
export function usageOf(wanted: Partial<Usage> = {}): Usage {
  return { ...plainUsage(10, 10), ...wanted };
}
