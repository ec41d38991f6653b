import type { Random } from "../../src/ports/random.ts";

/** Draws from a lognormal distribution. */
export function lognormal(random: Random, median: number, sigma: number): () => number {
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
  };
}
