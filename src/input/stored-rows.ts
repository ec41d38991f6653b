import type { ImportRow, RunImport } from "../ports/import.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { RowSink } from "./row-sink.ts";

/** Rows that are handed on at once: so few that V8 still takes them for short-lived by then. */
const BATCH_ROWS = 2_500;
const BATCH_CHARACTERS = 1 * 1024 * 1024;
/** Else a server that waits for our next statement would wait until a whole block is read. */
const TURN_ROWS = 64;

/** Gets how many rows were read so far, of how many bytes of the files. */
export type SeeRead = (rows: number, bytes: number) => void;

/** Puts rows into the job table, a batch at a time, while more are read. */
export class StoredRows implements RowSink {
  readonly turnRows = TURN_ROWS;
  readonly #target: RunImport;
  readonly seeModel: (model: string | null) => void;
  readonly #ahead = new ReadAhead();
  readonly #seeRead: SeeRead;
  #read = 0;
  #batch: ImportRow[] = [];
  #characters = 0;

  constructor(target: RunImport, seeModel: (model: string | null) => void, seeRead: SeeRead) {
    this.#target = target;
    this.seeModel = seeModel;
    this.#seeRead = seeRead;
  }

  get isFull(): boolean {
    return this.#batch.length >= BATCH_ROWS || this.#characters >= BATCH_CHARACTERS;
  }

  add(row: ImportRow): void {
    this.#batch.push(row);
    this.#characters += row.row.length;
  }

  async flush(source: number, bytes: number): Promise<void> {
    const rows = this.#batch;
    const characters = this.#characters;
    this.#batch = [];
    this.#characters = 0;
    if (rows.length > 0) await this.append(source, rows, { characters, bytes });
  }

  /** A batch as it is; resolves when more may be read. */
  append(
    source: number,
    rows: readonly ImportRow[],
    { characters, bytes }: { characters: number; bytes: number },
  ): Promise<void> {
    this.#read += rows.length;
    this.#seeRead(this.#read, bytes);
    return this.#ahead.add({ stored: this.#target.append(source, rows), characters });
  }

  stored(): Promise<void> {
    return this.#ahead.stored();
  }

  /** Resolves when nothing is being stored any more, whatever became of it. */
  settled(): Promise<unknown> {
    return this.#ahead.settled();
  }
}
