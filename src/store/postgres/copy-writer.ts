import { toKept } from "./kept-text.ts";

/** A larger one V8 would count at once as memory that has to be collected for. */
const PIECE_BYTES = 64 * 1024;
const TWO_TO_32 = 2 ** 32;
/** Of a character, in UTF-8. */
const MOST_BYTES = 3;

/** What goes before rows in COPY's binary form: its signature, no flags, no extension. */
export const COPY_START = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** A row with -1 fields. */
export const COPY_END = Buffer.from([0xff, 0xff]);

/** Writes rows in COPY's binary form: each field with its length, in pieces that may end anywhere. */
export class CopyWriter {
  readonly #full: Buffer[] = [];
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #at = 0;

  /** Begins a row. */
  row(fields: number): void {
    this.#makeRoom(2);
    this.#at = this.#piece.writeInt16BE(fields, this.#at);
  }

  null(): void {
    this.#makeRoom(4);
    this.#at = this.#piece.writeInt32BE(-1, this.#at);
  }

  integer(value: number): void {
    this.#makeRoom(8);
    this.#at = this.#piece.writeInt32BE(4, this.#at);
    this.#at = this.#piece.writeInt32BE(value, this.#at);
  }

  bigint(value: number): void {
    this.#makeRoom(12);
    this.#at = this.#piece.writeInt32BE(8, this.#at);
    this.#at = this.#piece.writeInt32BE(Math.floor(value / TWO_TO_32), this.#at);
    this.#at = this.#piece.writeUInt32BE(value >>> 0, this.#at);
  }

  text(given: string): void {
    const text = toKept(given);
    const most = text.length * MOST_BYTES;
    // To count exactly takes longer than to write.
    this.#makeRoom(4 + (this.#fits(4 + most) ? most : Buffer.byteLength(text)));
    const bytes = this.#piece.write(text, this.#at + 4);
    this.#piece.writeInt32BE(bytes, this.#at);
    this.#at += 4 + bytes;
  }

  bytes(value: Buffer): void {
    this.#makeRoom(4 + value.length);
    this.#at = this.#piece.writeInt32BE(value.length, this.#at);
    this.#at += value.copy(this.#piece, this.#at);
  }

  /** The pieces that are full, once. */
  *takeFull(): Generator<Buffer> {
    while (this.#full.length > 0) yield this.#full.shift()!;
  }

  /** What is left, at the end. */
  *takeAll(): Generator<Buffer> {
    yield* this.takeFull();
    if (this.#at > 0) yield this.#piece.subarray(0, this.#at);
  }

  #fits(bytes: number): boolean {
    return this.#at + bytes <= this.#piece.length;
  }

  #makeRoom(bytes: number): void {
    if (this.#fits(bytes)) return;
    if (this.#at > 0) this.#full.push(this.#piece.subarray(0, this.#at));
    this.#piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, bytes));
    this.#at = 0;
  }
}
