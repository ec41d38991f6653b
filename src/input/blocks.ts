import { isUtf8 } from "node:buffer";

/** The longest line that is held in memory: 64 MiB. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const EXCERPT_BYTES = 200;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Whole lines, each with its newline; only the input's last line may lack one. */
export interface Block {
  bytes: Buffer;
  /** Whether these are only the first bytes of one line over the limit; the rest of it was dropped. */
  tooLong: boolean;
}

/**
 * Cuts a stream of bytes at line ends, so that no line and no UTF-8 character is split between blocks. A BOM at the
 * start is dropped.
 *
 * @param maxLineBytes how much is held of a line that goes on from chunk to chunk
 */
export async function* readBlocks(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Block> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let dropping = false;
  const take = (last: Buffer): Buffer => {
    const bytes = Buffer.concat([...held, last]);
    held = [];
    heldBytes = 0;
    return bytes;
  };
  for await (const chunk of dropBom(chunks)) {
    const start = dropping ? chunk.indexOf(NEWLINE) + 1 : 0;
    if (dropping && start === 0) continue;
    dropping = false;
    const end = Math.max(start, chunk.lastIndexOf(NEWLINE) + 1);
    if (end > start) yield { bytes: take(chunk.subarray(start, end)), tooLong: false };
    held.push(chunk.subarray(end));
    heldBytes += chunk.length - end;
    if (heldBytes > maxLineBytes) {
      yield { bytes: take(Buffer.alloc(0)).subarray(0, EXCERPT_BYTES), tooLong: true };
      dropping = true;
    }
  }
  if (heldBytes > 0) yield { bytes: take(Buffer.alloc(0)), tooLong: false };
}

/** Waits for three bytes before it decides. */
async function* dropBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < BOM.length) continue;
    yield start.subarray(0, BOM.length).equals(BOM) ? start.subarray(BOM.length) : start;
    start = null;
  }
  if (start !== null && start.length > 0) yield start;
}

/** Which lines of a block are not valid UTF-8, counted from 0; null when all are. */
export function invalidLines(bytes: Buffer): Set<number> | null {
  if (isUtf8(bytes)) return null;
  const invalid = new Set<number>();
  let start = 0;
  for (let line = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (!isUtf8(bytes.subarray(start, end))) invalid.add(line);
    start = end;
  }
  return invalid;
}
