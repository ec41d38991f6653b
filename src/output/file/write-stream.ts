import type { Writable } from "node:stream";
import type { Part } from "../formats/format.ts";

/**
 * Writes to a stream no faster than it takes it, and leaves it open. Ends quietly when the reader has gone away, as
 * with `| head`.
 */
export async function writeStream(stream: Writable, parts: AsyncIterable<Part>): Promise<void> {
  // An error comes through the callback of write, and once more as an event, which would end the process if nobody
  // listened. That may be later, so after an error the listener stays.
  const ignore = (): void => undefined;
  stream.on("error", ignore);
  try {
    for await (const part of parts) if (part.length > 0) await write(stream, part);
    stream.off("error", ignore);
  } catch (error) {
    if (!isReaderGone(error)) throw error;
  }
}

function write(stream: Writable, part: Part): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(part, (error) => (error ? reject(error) : resolve()));
  });
}

function isReaderGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED";
}
