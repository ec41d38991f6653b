import type { BreakerView } from "../control/breaker/view.ts";
import type { QuotaView } from "../control/limiter/view.ts";
import { viewShared } from "../control/shared/breaker.ts";
import { viewSharedLimiter } from "../control/shared/limiter.ts";
import { endpointPrefix } from "../domain/endpoint-name.ts";
import { modelSent } from "../domain/model-sent.ts";
import { targetsOf } from "../domain/request.ts";
import type { Run } from "../domain/run.ts";
import type { EndpointRecord } from "../ports/store.ts";

/** An endpoint as the processes at work on it share it. Moments are on the wall clock. */
export interface SeenEndpoint {
  endpoint: string;
  breaker: BreakerView;
  quotas: readonly QuotaView[];
  /** Until when a refusal keeps calls back; null when they are let through. */
  blockedUntil: number | null;
  /** When it was shared: while somebody works, a second ago at most. */
  at: number;
}

/**
 * The endpoints that a run calls or falls back on, whatever their key, which isn't on record.
 * @param models that its rows name; null for none
 */
export function endpointsOf(
  { request }: Run,
  models: readonly (string | null)[],
  records: readonly EndpointRecord[],
): SeenEndpoint[] {
  const prefixes = targetsOf(request).flatMap((target) =>
    models.flatMap((named) => {
      const model = modelSent(target, named);
      return model === undefined ? [] : [endpointPrefix(target.baseUrl, model)];
    }),
  );
  return records
    .filter(({ endpoint }) => prefixes.some((prefix) => endpoint.startsWith(prefix)))
    .map(({ endpoint, state, updatedAt }) => ({
      endpoint,
      breaker: viewShared(state) ?? { state: "closed", retryAt: null, reason: null },
      ...(viewSharedLimiter(state) ?? { quotas: [], blockedUntil: null }),
      at: updatedAt,
    }));
}

/**
 * A process that works on an endpoint renews its record each second. Records that are this much older than the newest are of other
 * runs.
 */
const RENEWED_MS = 10_000;
/** A quota that is used up for longer will be used up again, and nobody knows how often. */
const LONG_BLOCK_MS = 900_000;

/** The endpoints that are in use. */
export function lately(endpoints: readonly SeenEndpoint[]): SeenEndpoint[] {
  const newest = Math.max(...endpoints.map(({ at }) => at));
  return endpoints.filter(({ at }) => newest - at <= RENEWED_MS);
}

/** Milliseconds until calls flow again: 0 while one endpoint lets them through, null when nobody knows. */
export function holdOf(endpoints: readonly SeenEndpoint[]): number | null {
  if (endpoints.length === 0) return 0;
  const holds = endpoints.map(holdOfOne);
  const shortest = Math.min(...holds);
  return Number.isFinite(shortest) ? shortest : null;
}

function holdOfOne({ breaker, blockedUntil, quotas, at }: SeenEndpoint): number {
  const blockMs = Math.max(0, (blockedUntil ?? at) - at);
  const isSized = quotas.some(({ per }) => per === "day");
  if (breaker.state === "blocked" || (blockMs > LONG_BLOCK_MS && !isSized)) return Number.POSITIVE_INFINITY;
  return Math.max(blockMs, (breaker.retryAt ?? at) - at);
}
