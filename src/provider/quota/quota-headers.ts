import type { QuotaReport } from "../../domain/outcome.ts";
import { DAY_MS, DIALECTS, type Dialect, type QuotaHeaders } from "../dialects.ts";
import { header, type ReplyHeaders } from "../http/reply.ts";
import { ietfQuota } from "./ietf-quota.ts";
import { msUntil } from "./moment.ts";

/** A quota per minute is whole again within a minute; up to here it may also be in debt, or be told by another clock. */
const SURELY_DAY_MS = 10 * 60_000;
const PERHAPS_DAY_MS = 65_000;

/** Reads what a reply's headers say of the quota; empty where they are silent. Called for every reply. */
export function quotaReports(headers: ReplyHeaders, dialect: Dialect, wallMs: number): QuotaReport[] {
  const reports: QuotaReport[] = [];
  if (!speakOfQuota(headers)) return reports;
  for (const names of DIALECTS[dialect]) {
    const limit = amount(headers[names.limit], 1);
    const remaining = amount(headers[names.remaining], 0);
    if (limit === undefined && remaining === undefined) continue;
    const reset = header(headers, names.reset);
    reports.push(report(names, limit, remaining, reset === null ? null : msUntil(reset, wallMs)));
  }
  if (reports.length > 0 || dialect !== "generic") return reports;
  const ietf = ietfQuota(headers);
  return ietf ? [ietf] : reports;
}

/** All names of quota headers have this in common: most replies need not be asked for each of thirty. */
function speakOfQuota(headers: ReplyHeaders): boolean {
  for (const name in headers) if (name.includes("ratelimit")) return true;
  return false;
}

function report(
  names: QuotaHeaders,
  limit?: number,
  remaining?: number,
  resetMs?: number | null,
): QuotaReport {
  const quota: QuotaReport = { dimension: names.dimension, windowMs: names.windowMs };
  if (limit !== undefined) quota.limit = limit;
  if (remaining !== undefined) quota.remaining = remaining;
  if (typeof resetMs !== "number") return quota;
  quota.resetMs = resetMs;
  if (isPerDay(quota, resetMs)) quota.windowMs = DAY_MS;
  return quota;
}

/** Azure says -1, or a limit of 0, where it doesn't know. */
function amount(value: string | string[] | undefined, atLeast: number): number | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= atLeast ? number : undefined;
}

/**
 * OpenAI sends daily limits under the same names as those per minute. What was used, and how long that takes to come
 * back, shows over which time the whole limit comes back.
 */
function isPerDay({ limit, remaining }: QuotaReport, resetMs: number): boolean {
  if (resetMs <= PERHAPS_DAY_MS || resetMs > SURELY_DAY_MS) return resetMs > SURELY_DAY_MS;
  if (limit === undefined || remaining === undefined || remaining >= limit) return false;
  const wholeMs = (resetMs * limit) / (limit - remaining);
  return wholeMs > DAY_MS / 2 && wholeMs < DAY_MS * 2;
}
