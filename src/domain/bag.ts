/** A thing and its place in the bag. */
export interface Held<T> {
  readonly thing: T;
  place: number;
}

/**
 * Things that come and go by the thousand, in no order. Not a Set: whenever one has seen enough of them it goes on in a new
 * table, and the garbage collector, which takes what is old for alive, moves each table with all it held to the old generation.
 */
export class Bag<T> {
  readonly #held: Held<T>[] = [];

  get size(): number {
    return this.#held.length;
  }

  /** A copy, as the caller may take things out while it goes through them. */
  get things(): T[] {
    return this.#held.map(({ thing }) => thing);
  }

  add(thing: T): Held<T> {
    const held = { thing, place: this.#held.length };
    this.#held.push(held);
    return held;
  }

  /** Moves the last one into its place. Safe to call twice. */
  remove(held: Held<T>): void {
    if (this.#held[held.place] !== held) return;
    const last = this.#held.pop()!;
    if (last === held) return;
    last.place = held.place;
    this.#held[held.place] = last;
  }
}
