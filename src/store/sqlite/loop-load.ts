import { performance } from "node:perf_hooks";

/** How long is looked at together: the load of single turns tells nothing. */
const SPAN_MS = 100;
/** The part of a span that a loop with next to no idle time is at work. */
const SATURATED = 0.9;

/** Whether this thread's event loop is at work all the time. One that has idle time can do at once what comes up. */
export class LoopLoad {
  #since = performance.eventLoopUtilization();
  #isSaturated = false;

  /** Of the latest span of 100 ms or more that is over; false until one is. */
  get isSaturated(): boolean {
    const { idle, active, utilization } = performance.eventLoopUtilization(this.#since);
    if (idle + active >= SPAN_MS) {
      this.#isSaturated = utilization > SATURATED;
      this.#since = performance.eventLoopUtilization();
    }
    return this.#isSaturated;
  }
}
