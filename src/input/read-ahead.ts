/** What is read ahead of the job table: enough for both to be at work at all times. */
const MOST_BATCHES = 32;
const MOST_CHARACTERS = 8 * 1024 * 1024;

interface Batch {
  stored: Promise<void>;
  characters: number;
}

/** Batches that are being stored, while more is read. */
export class ReadAhead {
  #batches: Batch[] = [];
  #characters = 0;

  /**
   * Waits until more may be read.
   * @throws what storing an earlier batch failed of
   */
  async add(batch: Batch): Promise<void> {
    // The error is thrown where the batch is waited for.
    batch.stored.catch(() => {});
    this.#batches.push(batch);
    this.#characters += batch.characters;
    while (this.#batches.length > MOST_BATCHES || this.#characters > MOST_CHARACTERS) await this.#oldest();
  }

  /** @throws what storing a batch failed of */
  async stored(): Promise<void> {
    while (this.#batches.length > 0) await this.#oldest();
  }

  /** Resolves when nothing is being stored any more, whatever became of it. */
  settled(): Promise<unknown> {
    return Promise.allSettled(this.#batches.map(({ stored }) => stored));
  }

  async #oldest(): Promise<void> {
    const { stored, characters } = this.#batches.shift()!;
    this.#characters -= characters;
    await stored;
  }
}
