import type { QuotaDimension } from "../../domain/outcome.ts";
import type { Charge } from "../../domain/usage.ts";

/** What one call takes from a quota of this dimension. */
export function costOf(dimension: QuotaDimension, { inputTokens, outputTokens }: Charge): number {
  switch (dimension) {
    case "requests":
      return 1;
    case "inputTokens":
      return inputTokens;
    case "outputTokens":
      return outputTokens;
    case "tokens":
      return inputTokens + outputTokens;
  }
}

/** The tokens that `taken` holds above `used`: negative where more was used. */
export function unusedOf(dimension: QuotaDimension, taken: Charge, used: Charge): number {
  return costOf(dimension, taken) - costOf(dimension, used);
}
