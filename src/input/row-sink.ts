import type { ImportRow } from "../ports/import.ts";

/** Where rows go as they are read. */
export interface RowSink {
  /** After how many rows the event loop turns, at the latest after a block. */
  readonly turnRows: number;
  /** Gets each model that good rows name (null for none) as it first comes up; what it throws ends the reading. */
  seeModel(model: string | null): void;
  add(row: ImportRow): void;
  /** Whether the rows since the last `flush` are a batch. */
  readonly isFull: boolean;
  /**
   * Hands on the rows since the last one, all of the same source, and resolves when more may be read.
   * @param bytes of the files that were read so far
   */
  flush(source: number, bytes: number): Promise<void>;
  /** Resolves when everything is stored that was handed on. */
  stored(): Promise<void>;
}
