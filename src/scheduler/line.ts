import type { Queue, QueueAddOptions } from "p-queue";

type Run = () => Promise<unknown>;

interface Link {
  readonly run: Run;
  next: Link | null;
}

/**
 * First come, first served, for a p-queue. Its own queue sorts by priorities, which no job has, and holds on for a while to what
 * it has let go, so that rows which are done with grow old in the heap.
 */
export class Line implements Queue<Run, QueueAddOptions> {
  #first: Link | null = null;
  #last: Link | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  enqueue(run: Run): void {
    const link = { run, next: null };
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    this.#size += 1;
  }

  dequeue(): Run | undefined {
    const link = this.#first;
    if (!link) return undefined;
    this.#first = link.next;
    // What was let go must not keep alive what comes after it.
    link.next = null;
    if (!this.#first) this.#last = null;
    this.#size -= 1;
    return link.run;
  }

  /** No options tell one from another. */
  filter(): Run[] {
    const runs: Run[] = [];
    for (let link = this.#first; link; link = link.next) runs.push(link.run);
    return runs;
  }

  setPriority(): void {}
}
