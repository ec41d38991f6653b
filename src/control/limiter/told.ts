import type { QuotaDimension } from "../../domain/outcome.ts";
import type { Limit, Limits } from "../limits.ts";
import type { DayDimension } from "./day-quotas.ts";

interface ToldLimits {
  minutes: readonly [QuotaDimension, number][];
  days: Partial<Record<DayDimension, number>>;
  concurrency: number | null;
}

/** Our share of the limits the user told. */
export function toldLimits(limits: Limits): ToldLimits {
  const ours = (limit: Limit): number | undefined => (limit === "auto" ? undefined : limit * limits.share);
  const perMinute: [QuotaDimension, number | undefined][] = [
    ["requests", ours(limits.requestsPerMinute)],
    ["tokens", ours(limits.tokensPerMinute)],
    ["inputTokens", ours(limits.inputTokensPerMinute)],
    ["outputTokens", ours(limits.outputTokensPerMinute)],
  ];
  const concurrency = ours(limits.concurrency);
  return {
    minutes: perMinute.filter((entry): entry is [QuotaDimension, number] => entry[1] !== undefined),
    days: { requests: ours(limits.requestsPerDay), tokens: ours(limits.tokensPerDay) },
    concurrency: concurrency === undefined ? null : Math.max(1, Math.floor(concurrency)),
  };
}
