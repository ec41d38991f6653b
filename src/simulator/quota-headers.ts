import { headerDuration } from "./header-duration.ts";
import type { LimitName, MeasureState } from "./limits/quota.ts";

export const HEADER_DIALECTS = ["openai", "anthropic", "groq", "lying", "none"] as const;

/** How replies tell what is left of the limits. */
export type HeaderDialect = (typeof HEADER_DIALECTS)[number];

/** The words of a dialect and the limits they stand for. */
type Told = readonly (readonly [word: string, name: LimitName])[];

const OPENAI_LIMITS: Told = [
  ["requests", "rpm"],
  ["tokens", "tpm"],
];

/** Groq's request headers are per day. */
const GROQ_LIMITS: Told = [
  ["requests", "rpd"],
  ["tokens", "tpm"],
];

/** The rate limit headers of a reply, names and values in turn. A dialect is silent on what it has no name for. */
export function quotaHeaders(
  dialect: HeaderDialect,
  states: readonly MeasureState[],
  wallMs: number,
): string[] {
  switch (dialect) {
    case "openai":
      return ratelimitHeaders(states, OPENAI_LIMITS, 1);
    case "groq":
      return ratelimitHeaders(states, GROQ_LIMITS, 1);
    case "lying":
      return ratelimitHeaders(states, OPENAI_LIMITS, 2);
    case "anthropic":
      return anthropicHeaders(states, wallMs);
    case "none":
      return [];
  }
}

function ratelimitHeaders(states: readonly MeasureState[], told: Told, factor: number): string[] {
  return told.flatMap(([word, name]) => {
    const state = states.find((candidate) => candidate.name === name);
    if (!state) return [];
    return [
      `x-ratelimit-limit-${word}`,
      String(state.limit * factor),
      `x-ratelimit-remaining-${word}`,
      String(whole(state.remaining) * factor),
      `x-ratelimit-reset-${word}`,
      headerDuration(state.resetMs),
    ];
  });
}

const ANTHROPIC_WORDS: Readonly<Record<string, string>> = {
  rpm: "requests",
  tpm: "tokens",
  itpm: "input-tokens",
  otpm: "output-tokens",
};

function anthropicHeaders(states: readonly MeasureState[], wallMs: number): string[] {
  return states.flatMap((state) => {
    const word = ANTHROPIC_WORDS[state.name];
    if (!word) return [];
    const prefix = `anthropic-ratelimit-${word}`;
    const reset = new Date(Math.ceil((wallMs + state.resetMs) / 1_000) * 1_000);
    return [
      `${prefix}-limit`,
      String(state.limit),
      `${prefix}-remaining`,
      String(whole(state.remaining)),
      `${prefix}-reset`,
      reset.toISOString().replace(".000Z", "Z"),
    ];
  });
}

/** Headers know no fractions and no debts. */
function whole(remaining: number): number {
  return Math.max(0, Math.floor(remaining + 1e-6));
}
