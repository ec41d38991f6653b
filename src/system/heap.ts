import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Where the young generation stops growing: two semi-spaces of 4 MB. Of rows that pass through little is alive at once. */
const YOUNG_BYTES = 8 * 1024 * 1024;

const SMALL_OLD = "--heap-growing-percent=50";
const SMALL_YOUNG = "--semi-space-growth-factor=1";
/** Threads that help with a heap as young as ours wait for each other for longer than they work: a sixth of a drain's CPU. */
const ALONE = "--no-parallel-scavenge";
/** The young generation at its full size at once: its growth by halves costs a collection for each step, and more that are too early. */
const LARGE = ["--heap-growing-percent=0", "--semi-space-growth-factor=8"];

/**
 * Makes reading and writing a file take as much memory for a long one as for a short one. Left alone, V8 lets the young
 * generation grow to 48 MB as work goes on, and the old one to a multiple of what is alive: 1 GB took 1.2 to 1.6 times the
 * memory of 10 MB. Node takes a bound for the young generation on its command line alone, so its growth is stopped once
 * it has got there.
 */
export class Heap {
  #isLarge = false;

  /** From now on, but for what is done with a large heap. */
  keepSmall(): void {
    setFlagsFromString(ALONE);
    setFlagsFromString(SMALL_OLD);
    new PerformanceObserver(() => this.#stopGrowth()).observe({ entryTypes: ["gc"] });
  }

  /** Calls have more in hand at once, and cost a third less with a heap that grows as V8 sees fit. */
  async withLarge<T>(work: () => Promise<T>): Promise<T> {
    this.#isLarge = true;
    for (const flag of LARGE) setFlagsFromString(flag);
    try {
      return await work();
    } finally {
      this.#isLarge = false;
      setFlagsFromString(SMALL_OLD);
    }
  }

  #stopGrowth(): void {
    if (this.#isLarge) return;
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")!;
    if (young.space_size >= YOUNG_BYTES) setFlagsFromString(SMALL_YOUNG);
  }
}
