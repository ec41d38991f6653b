import type { Queue, QueueAddOptions } from "p-queue";

type Run = () => Promise<unknown>;

interface Link {
  readonly run: Run;
  next: Link | null;
}

/**
 * A first-in, first-out queue for p-queue. p-queue's own sorts by priority, which no job has, and keeps references to what it has
 * handed out, so that finished rows reach the old generation of the heap.
 */
export class Fifo implements Queue<Run, QueueAddOptions> {
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
    // A task that was handed out must not keep those behind it alive.
    link.next = null;
    if (!this.#first) this.#last = null;
    this.#size -= 1;
    return link.run;
  }

  /** Asked for by p-queue. All tasks have the same options, so all of them match. */
  filter(): Run[] {
    const runs: Run[] = [];
    for (let link = this.#first; link; link = link.next) runs.push(link.run);
    return runs;
  }

  setPriority(): void {}
}
