import type { QuotaView } from "../control/limiter/view.ts";
import type { SeenEndpoint } from "./endpoints.ts";

type Dimensions = readonly QuotaView["dimension"][];

export const REQUEST_DIMENSIONS: readonly Dimensions[] = [["requests"]];
/** Where only the parts are limited, their sum is. */
export const TOKEN_DIMENSIONS: readonly Dimensions[] = [["tokens"], ["inputTokens", "outputTokens"]];

/** What all endpoints allow in a minute together, each by the first of the choices it has a quota for; null where one has none. */
export function limitOf(endpoints: readonly SeenEndpoint[], choices: readonly Dimensions[]): number | null {
  const limits = endpoints.map(
    ({ quotas }) =>
      choices.map((dimensions) => sumOf(quotas, dimensions)).find((sum) => sum !== null) ?? null,
  );
  return limits.length === 0 ? null : total(limits);
}

function sumOf(quotas: readonly QuotaView[], dimensions: Dimensions): number | null {
  return total(
    dimensions.map(
      (dimension) =>
        quotas.find((quota) => quota.per === "minute" && quota.dimension === dimension)?.limit ?? null,
    ),
  );
}

/** Null where one is unknown. */
function total(limits: readonly (number | null)[]): number | null {
  return limits.reduce((sum, limit) => (sum === null || limit === null ? null : sum + limit), 0);
}
