import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const MB = 1024 * 1024;
/** Where the young generation stops growing, in each of its two halves. Of rows that pass through little is alive at once. */
const SMALL_HALF_BYTES = 4 * MB;
/** For calls: twice as much took 10 MB more, and spared no CPU that could be measured. */
const LARGE_HALF_BYTES = 8 * MB;

const SMALL_OLD = "--heap-growing-percent=50";
/** Threads that help with a heap as young as ours wait for each other for longer than they work: a sixth of a drain's CPU. */
const ALONE = "--no-parallel-scavenge";
/** A thread begins with what it may grow to: where our own growth has been stopped, so has its. */
const LARGE_START = `--min-semi-space-size=${SMALL_HALF_BYTES / MB}`;
const growth = (factor: number): string => `--semi-space-growth-factor=${factor}`;

/**
 * Makes reading and writing a file take as much memory for a long one as for a short one. Left alone, V8 lets the young
 * generation grow to 48 MB as work goes on, and the old one to a multiple of what is alive: 1 GB took 1.2 to 1.6 times the
 * memory of 10 MB, and a drain 40 MB more. Node takes a bound for the young generation on its command line alone, so its growth is
 * stopped once it has got there.
 */
export class Heap {
  #mostHalfBytes = SMALL_HALF_BYTES;

  /** From now on, but for what is done with a large heap. */
  keepSmall(): void {
    setFlagsFromString(ALONE);
    setFlagsFromString(SMALL_OLD);
    setFlagsFromString(LARGE_START);
    new PerformanceObserver(() => this.#stopGrowth()).observe({ entryTypes: ["gc"] });
  }

  /** Calls have more in hand at once, and cost a third less with a larger young generation. */
  async withLarge<T>(work: () => Promise<T>): Promise<T> {
    this.#mostHalfBytes = LARGE_HALF_BYTES;
    // To its full size at once: growth by halves costs a collection for each step, and more that are too early.
    setFlagsFromString(growth(Math.max(1, Math.round(LARGE_HALF_BYTES / halfBytes()))));
    try {
      return await work();
    } finally {
      this.#mostHalfBytes = SMALL_HALF_BYTES;
    }
  }

  #stopGrowth(): void {
    if (halfBytes() >= this.#mostHalfBytes) setFlagsFromString(growth(1));
  }
}

/** The young generation's size, which is that of two equal halves. */
function halfBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")!.space_size / 2;
}
