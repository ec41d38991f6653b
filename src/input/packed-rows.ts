import type { ImportRow } from "../ports/import.ts";

/** Of each row: line, input and output tokens, and the lengths of its id and its text. */
const NUMBERS = 5;
/** Stands for the length of an id that a row doesn't have. */
const NO_KEY = -1;
/** So few that V8 doesn't copy them before they are written. */
const WRITTEN_CHARACTERS = 8 * 1024;
const USUAL_BYTES = 1024 * 1024;

/**
 * Rows on their way to another thread. An object each would be copied member by member; of this the bytes and numbers, nearly
 * all there is, change hands as they are.
 */
export interface PackedRows {
  source: number;
  /** Ids and texts one after the other, UTF-8. */
  bytes: Uint8Array<ArrayBuffer>;
  numbers: Float64Array<ArrayBuffer>;
  models: PackedColumn<ImportRow["model"]>;
  groups: PackedColumn<ImportRow["group"]>;
  hashes: PackedColumn<ImportRow["requestHash"]>;
  errors: PackedColumn<ImportRow["error"]>;
}

/** What all rows have alike, as it mostly is, stands once. */
type PackedColumn<T> = { all: T } | { each: T[] };

function valueAt<T>(column: PackedColumn<T>, index: number): T {
  return "all" in column ? column.all : column.each[index]!;
}

class ColumnPacker<T> {
  #all: T | undefined;
  #each: T[] | null = null;

  /** @param rows that were added before */
  add(value: T, rows: number): void {
    if (rows === 0) this.#all = value;
    if (this.#each !== null) this.#each.push(value);
    else if (value !== this.#all) this.#each = [...new Array<T>(rows).fill(this.#all!), value];
  }

  /** What was added since the last time. */
  take(): PackedColumn<T> {
    const packed = this.#each === null ? { all: this.#all! } : { each: this.#each };
    this.#each = null;
    return packed;
  }
}

/** Packs rows as they are read, so that nothing of them is left for V8 to collect. */
export class RowPacker {
  #buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  #bytes = 0;
  /** What isn't among the bytes yet. */
  #text = "";
  #characters = 0;
  readonly #numbers: Float64Array;
  #rows = 0;
  readonly #models = new ColumnPacker<ImportRow["model"]>();
  readonly #groups = new ColumnPacker<ImportRow["group"]>();
  readonly #hashes = new ColumnPacker<ImportRow["requestHash"]>();
  readonly #errors = new ColumnPacker<ImportRow["error"]>();

  /** @param mostRows that are added before they are taken */
  constructor(mostRows: number) {
    this.#numbers = new Float64Array(mostRows * NUMBERS);
  }

  get rows(): number {
    return this.#rows;
  }

  get characters(): number {
    return this.#characters;
  }

  add({ line, key, row, model, group, charge, requestHash, error }: ImportRow): void {
    const numbers = this.#numbers;
    const at = this.#rows * NUMBERS;
    numbers[at] = line;
    numbers[at + 1] = charge?.inputTokens ?? Number.NaN;
    numbers[at + 2] = charge?.outputTokens ?? Number.NaN;
    numbers[at + 3] = key === null ? NO_KEY : key.length;
    numbers[at + 4] = row.length;
    this.#text += key === null ? row : key + row;
    if (this.#text.length >= WRITTEN_CHARACTERS) this.#write();
    this.#characters += row.length;
    this.#models.add(model, this.#rows);
    this.#groups.add(group, this.#rows);
    this.#hashes.add(requestHash, this.#rows);
    this.#errors.add(error, this.#rows);
    this.#rows++;
  }

  /** What was added since the last time. */
  take(source: number): PackedRows {
    this.#write();
    const packed = {
      source,
      bytes: new Uint8Array(this.#buffer.subarray(0, this.#bytes)),
      numbers: this.#numbers.slice(0, this.#rows * NUMBERS),
      models: this.#models.take(),
      groups: this.#groups.take(),
      hashes: this.#hashes.take(),
      errors: this.#errors.take(),
    };
    if (this.#buffer.length > USUAL_BYTES) this.#buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
    this.#bytes = 0;
    this.#characters = 0;
    this.#rows = 0;
    return packed;
  }

  /** Many short texts at once: to write each costs several times as much. */
  #write(): void {
    const needed = this.#bytes + Buffer.byteLength(this.#text);
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed);
      this.#buffer.copy(larger, 0, 0, this.#bytes);
      this.#buffer = larger;
    }
    this.#bytes += this.#buffer.write(this.#text, this.#bytes);
    this.#text = "";
  }
}

/** The rows as they were, and how long their texts are together. */
export function unpackRows({ bytes, numbers, models, groups, hashes, errors }: PackedRows): {
  rows: ImportRow[];
  characters: number;
} {
  // Decoded as a whole, which is several times faster than row by row.
  const text = Buffer.from(bytes.buffer).toString("utf8");
  const rows: ImportRow[] = new Array(numbers.length / NUMBERS);
  let at = 0;
  const next = (length: number): string => {
    const start = at;
    at += length;
    return text.slice(start, at);
  };
  for (let index = 0; index < rows.length; index++) {
    const first = index * NUMBERS;
    const keyLength = numbers[first + 3]!;
    const inputTokens = numbers[first + 1]!;
    const hash = valueAt(hashes, index);
    rows[index] = {
      line: numbers[first]!,
      key: keyLength === NO_KEY ? null : next(keyLength),
      row: next(numbers[first + 4]!),
      model: valueAt(models, index),
      group: valueAt(groups, index),
      charge: Number.isNaN(inputTokens) ? null : { inputTokens, outputTokens: numbers[first + 2]! },
      requestHash: hash === null ? null : Buffer.from(hash),
      error: valueAt(errors, index),
    };
  }
  return { rows, characters: text.length };
}
