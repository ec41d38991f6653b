import { type Block, invalidLines, MAX_LINE_BYTES, readBlocks } from "./blocks.ts";
import type { InputRecord } from "./records.ts";

/**
 * Reads JSON lines, a batch of records for each block of bytes. Lines with nothing in them are skipped, but counted.
 *
 * @param maxLineBytes default 64 MiB; a longer line is a bad record
 */
export async function* readJsonl(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<InputRecord[]> {
  let line = 1;
  for await (const block of readBlocks(chunks, maxLineBytes)) {
    if (block.tooLong) {
      yield [tooLongRecord(block, line++)];
      continue;
    }
    const records: InputRecord[] = [];
    line = splitLines(block.bytes, line, records);
    yield records;
  }
}

/** Decodes the block as a whole, which is several times faster than line by line. Returns the next line's number. */
function splitLines(bytes: Buffer, firstLine: number, records: InputRecord[]): number {
  const invalid = invalidLines(bytes);
  const text = bytes.toString("utf8");
  let line = firstLine;
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end);
    start = end + 1;
    if (content.trim() === "") continue;
    records.push(
      invalid?.has(line - firstLine) ? invalidRecord(content, line) : { line, text: content, error: null },
    );
  }
  return line;
}

function invalidRecord(content: string, line: number): InputRecord {
  return {
    line,
    text: JSON.stringify(content.trim()),
    error: { code: "BAD_ENCODING", message: "the line is not valid UTF-8" },
  };
}

function tooLongRecord({ bytes }: Block, line: number): InputRecord {
  return {
    line,
    text: JSON.stringify(`${bytes.toString("utf8")}…`),
    error: { code: "LINE_TOO_LONG", message: "the line is longer than 64 MiB" },
  };
}
