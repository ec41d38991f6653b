/** A queue of things by their time. */
export class TimeHeap<T> {
  readonly #entries: { at: number; item: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get nextAt(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(at: number, item: T): void {
    const entries = this.#entries;
    let i = entries.length;
    entries.push({ at, item });
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (entries[parent]!.at <= at) break;
      entries[i] = entries[parent]!;
      i = parent;
    }
    entries[i] = { at, item };
  }

  pop(): T {
    const entries = this.#entries;
    const top = entries[0]!;
    const last = entries.pop()!;
    if (entries.length > 0) this.#sink(last);
    return top.item;
  }

  #sink(entry: { at: number; item: T }): void {
    const entries = this.#entries;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && entries[child + 1]!.at < entries[child]!.at) child++;
      if (entries[child]!.at >= entry.at) break;
      entries[i] = entries[child]!;
      i = child;
    }
    entries[i] = entry;
  }
}
