/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;

/** Bytes written, which lengthen a file that is shorter, or the file's length set. */
type Edit = { at: number; data: Buffer } | { size: number };

const NOTHING = Buffer.alloc(0);

/** A file's content: what is safe on disk, and what was done since the last sync. */
export class StoredFile {
  #synced: Buffer;
  #unsynced: Edit[] = [];

  constructor(synced: Buffer = NOTHING) {
    this.#synced = synced;
  }

  write(at: number, data: Buffer): void {
    this.#unsynced.push({ at, data });
  }

  resize(size: number): void {
    this.#unsynced.push({ size });
  }

  sync(): void {
    this.#synced = this.whole();
    this.#unsynced = [];
  }

  /** As the process sees it. */
  whole(): Buffer {
    return this.#unsynced.length === 0 ? this.#synced : edited(this.#synced, this.#unsynced);
  }

  /** As a power cut may leave it: each sector and each change of length that was not synced stays or is gone. */
  afterCut(survives: () => boolean): Buffer {
    const left = this.#unsynced.flatMap(piecesOf).filter(survives);
    return left.length === 0 ? this.#synced : edited(this.#synced, left);
  }
}

/** A write's new end of the file, and its bytes by sectors of the file. */
function piecesOf(edit: Edit): Edit[] {
  if ("size" in edit) return [edit];
  const { at, data } = edit;
  const pieces: Edit[] = [{ at: at + data.length, data: NOTHING }];
  for (let from = 0; from < data.length; ) {
    const to = Math.min(data.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    pieces.push({ at: at + from, data: data.subarray(from, to) });
    from = to;
  }
  return pieces;
}

/** Bytes between the old end and what is written behind it are zeros, as are those that a cut took away. */
function edited(content: Buffer, edits: readonly Edit[]): Buffer {
  const most = edits.reduce((most, edit) => Math.max(most, endOf(edit)), content.length);
  const bytes = Buffer.alloc(most);
  content.copy(bytes);
  let size = content.length;
  for (const edit of edits) {
    if ("size" in edit) {
      bytes.fill(0, edit.size, Math.max(edit.size, size));
      size = edit.size;
    } else {
      edit.data.copy(bytes, edit.at);
      size = Math.max(size, endOf(edit));
    }
  }
  return bytes.subarray(0, size);
}

function endOf(edit: Edit): number {
  return "size" in edit ? edit.size : edit.at + edit.data.length;
}
