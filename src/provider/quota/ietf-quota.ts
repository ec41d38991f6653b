import type { QuotaReport } from "../../domain/outcome.ts";
import { DAY_MS, MINUTE_MS } from "../dialects.ts";
import { header, type ReplyHeaders } from "../http/reply.ts";
import { NEVER_MS } from "./moment.ts";

/**
 * The quota in the IETF fields, in each form the drafts had: `ratelimit: "default";r=50;t=30` with
 * `ratelimit-policy: "default";q=100;w=60`, `ratelimit: limit=100, remaining=50, reset=30`, and
 * `ratelimit-limit: 100, 100;w=60` with `ratelimit-remaining` and `ratelimit-reset`. Null without them.
 */
export function ietfQuota(headers: ReplyHeaders): QuotaReport | null {
  const state = header(headers, "ratelimit") ?? "";
  const limits = header(headers, "ratelimit-policy") ?? header(headers, "ratelimit-limit") ?? "";
  const left = header(headers, "ratelimit-remaining");
  if (state === "" && limits === "" && left === null) return null;
  const remaining = parameter(state, "r|remaining") ?? leading(left);
  const resetSeconds = parameter(state, "t|reset") ?? leading(header(headers, "ratelimit-reset"));
  const limit = parameter(limits, "q") ?? leading(limits) ?? parameter(state, "limit");
  const windowSeconds = parameter(limits, "w");
  if (remaining === null && limit === null) return null;
  return reportOf(limit, remaining, resetSeconds, windowSeconds);
}

/** A limit counts only with its window; one over another window than ours is turned into a rate, alone. */
function reportOf(
  limit: number | null,
  remaining: number | null,
  resetSeconds: number | null,
  windowSeconds: number | null,
): QuotaReport | null {
  const windowMs = windowSeconds === null ? MINUTE_MS : windowSeconds * 1_000;
  if (windowMs !== MINUTE_MS && windowMs !== DAY_MS) {
    const perMinute = limit === null || windowMs === 0 ? null : (limit * MINUTE_MS) / windowMs;
    return perMinute === null ? null : { dimension: "requests", limit: perMinute, windowMs: MINUTE_MS };
  }
  return {
    dimension: "requests",
    ...(limit !== null && windowSeconds !== null && { limit }),
    ...(remaining !== null && { remaining }),
    ...(resetSeconds !== null && { resetMs: Math.min(resetSeconds * 1_000, NEVER_MS) }),
    windowMs,
  };
}

function parameter(text: string, names: string): number | null {
  return amount(new RegExp(`(?:^|[;,\\s])(?:${names})=(\\d+)`).exec(text)?.[1]);
}

function leading(text: string | null): number | null {
  return amount(/^\d+/.exec(text ?? "")?.[0]);
}

/** Null for none, and for one beyond all numbers. */
function amount(digits: string | undefined): number | null {
  const value = Number(digits);
  return Number.isFinite(value) ? value : null;
}
