import type { Random } from "../ports/random.ts";

/** The runtime's own generator: good for jitter and names, not for secrets. */
export const systemRandom: Random = () => Math.random();
