import type { Parameters } from "fast-check";

/** How often to try, and from which seed; without one, another each time. */
type FuzzParameters = Pick<Parameters, "numRuns" | "seed">;

/**
 * A property to be tried with made-up inputs.
 * @throws Error with the smallest input found that breaks it, and the seed that finds it again.
 */
export type Fuzz = (parameters: FuzzParameters) => Promise<void> | void;
