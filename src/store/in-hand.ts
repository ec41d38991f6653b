import { dirname } from "node:path";
import { Bag, type Held } from "../domain/bag.ts";
import { LlmBatchError } from "../domain/errors.ts";
import type { Spool, Unwritten } from "./spool.ts";

interface InHandOptions {
  spool: Spool;
  tell(text: string): void;
}

/** Holds what is being written about claims. Where the job table fails to take it, it goes to the spool. */
export class InHand {
  readonly #options: InHandOptions;
  readonly #held = new Bag<readonly Unwritten[]>();
  /** What failed in the same moment, to be kept in one file. */
  #failed: Unwritten[] = [];
  #keeping: Promise<boolean> | null = null;
  #answers = 0;
  #folder: string | null = null;

  constructor(options: InHandOptions) {
    this.#options = options;
  }

  /**
   * @returns what `work` comes to, or `spooled` where the job table fails it
   * @throws what `work` fails with, where the spool fails as well
   */
  hold<T>(all: readonly Unwritten[], work: Promise<T>): Promise<T | "spooled"> {
    const held = this.#held.add(all);
    return work.then(
      (value) => {
        this.#held.remove(held);
        return value;
      },
      (error) => this.#fail(held, error),
    );
  }

  /** Keeps all that is in hand, at once: the process ends with it. */
  abandon(): void {
    this.#write(this.#held.things.flat());
    this.close();
  }

  /** Tells the user what was kept in the spool. */
  close(): void {
    if (this.#answers === 0) return;
    const answers = this.#answers === 1 ? "1 answer is" : `${this.#answers} answers are`;
    this.#options.tell(
      `${answers} not on record yet: kept in ${this.#folder}, and recorded by the next llm-batch that opens this database here`,
    );
    this.#answers = 0;
  }

  async #fail(held: Held<readonly Unwritten[]>, error: unknown): Promise<"spooled"> {
    try {
      if (error instanceof LlmBatchError && (await this.#keep(held.thing))) return "spooled";
      throw error;
    } finally {
      this.#held.remove(held);
    }
  }

  /** False where the spool can't be written either, which the user is told. */
  #keep(all: readonly Unwritten[]): Promise<boolean> {
    this.#failed.push(...all);
    this.#keeping ??= Promise.resolve().then(() => {
      this.#keeping = null;
      return this.#write(this.#failed.splice(0));
    });
    return this.#keeping;
  }

  #write(unwritten: readonly Unwritten[]): boolean {
    if (unwritten.length === 0) return true;
    const { spool, tell } = this.#options;
    const answers = unwritten.filter((one) => "ending" in one).length;
    try {
      this.#folder = dirname(spool.write(unwritten));
      this.#answers += answers;
      return true;
    } catch (error) {
      tell(
        `${answers} answers can't be kept on this machine: ${(error as Error).message}; their calls are in doubt`,
      );
      return false;
    }
  }
}
