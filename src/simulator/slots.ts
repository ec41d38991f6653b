/** Room for so many calls at once; the others wait in the order they came. */
export class Slots {
  #capacity: number;
  #busy = 0;
  readonly #waiting = new Set<() => void>();
  #admitting = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#busy >= this.#capacity;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Calls `start` as soon as there is a slot, now if there is one. */
  enter(start: () => void): void {
    this.#waiting.add(start);
    this.#admit();
  }

  /** Ends what `enter` began, waiting or running. */
  leave(start: () => void): void {
    if (this.#waiting.delete(start)) return;
    this.#busy--;
    this.#admit();
  }

  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#admit();
  }

  /** A call may end, and leave, while it is being started: the loop that started it goes on, or the stack would grow. */
  #admit(): void {
    if (this.#admitting) return;
    this.#admitting = true;
    for (const start of this.#waiting) {
      if (this.isFull) break;
      this.#waiting.delete(start);
      this.#busy++;
      start();
    }
    this.#admitting = false;
  }
}
