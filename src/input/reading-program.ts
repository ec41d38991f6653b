// Reads the inputs of a run in a thread of its own: `reading-thread.ts` starts it and takes what it tells.
import { parentPort, workerData } from "node:worker_threads";
import type { ImportRow } from "../ports/import.ts";
import { InputReader, type ReadRequest } from "./input-reader.ts";
import { RowPacker } from "./packed-rows.ts";
import { packError, type Told } from "./reading-messages.ts";
import type { RowSink } from "./row-sink.ts";

/** Rows in one message. All rows that are on their way make up a transaction, and are in memory twice. */
const BATCH_ROWS = 1_000;
const BATCH_CHARACTERS = 512 * 1024;
/** Batches that may be on their way while more are read: enough for while the log is moved into the database. */
const MOST_BATCHES = 6;

const port = parentPort!;

/** Hands rows to the other thread. */
class SentRows implements RowSink {
  /** Nobody waits for this thread. */
  readonly turnRows = Number.POSITIVE_INFINITY;
  readonly #packer = new RowPacker(BATCH_ROWS);
  /** Resolvers of the messages that aren't answered yet, oldest first. */
  readonly #unanswered: { answered: Promise<void>; resolve: () => void }[] = [];

  constructor() {
    port.on("message", () => this.#unanswered.shift()!.resolve());
  }

  seeModel(model: string | null): void {
    tell({ type: "model", model });
  }

  add(row: ImportRow): void {
    this.#packer.add(row);
  }

  get isFull(): boolean {
    return this.#packer.rows >= BATCH_ROWS || this.#packer.characters >= BATCH_CHARACTERS;
  }

  async flush(source: number, bytes: number): Promise<void> {
    if (this.#packer.rows === 0) return;
    const packed = this.#packer.take(source);
    this.#ask({ type: "rows", packed, bytes }, [packed.bytes.buffer, packed.numbers.buffer]);
    while (this.#unanswered.length > MOST_BATCHES) await this.#unanswered[0]!.answered;
  }

  stored(): Promise<void> {
    return this.#ask({ type: "stored" });
  }

  #ask(told: Told, moved: ArrayBuffer[] = []): Promise<void> {
    let resolve = (): void => {};
    const answered = new Promise<void>((done) => {
      resolve = done;
    });
    this.#unanswered.push({ answered, resolve });
    tell(told, moved);
    return answered;
  }
}

function tell(told: Told, moved: ArrayBuffer[] = []): void {
  port.postMessage(told, moved);
}

// The other thread ends this one when it has everything: to end by itself counts as a failure.
try {
  tell({ type: "end", read: await new InputReader(workerData as ReadRequest).read(new SentRows()) });
} catch (error) {
  tell({ type: "failed", error: packError(error) });
}
