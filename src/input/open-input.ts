import { createHash, type Hash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Duplex, Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import { shellWord } from "../domain/shell-word.ts";
import { createDecompressor } from "./decompress.ts";
import { compressionOf } from "./formats.ts";
import { checkIsText } from "./text-check.ts";

/** A block of so many bytes is decoded to a string that V8 still takes for a young object; longer ones live longer. */
const CHUNK_BYTES = 64 * 1024;
/** What is hashed at once: so little that it is still in the core's cache. */
const HASHED_BYTES = 64 * 1024;
/** After so many of those the event loop turns, or a signal would wait for the end of the file. */
const TURN_BLOCKS = 64;

/** An input that is open for reading, once. */
export interface OpenInput {
  /** The text's bytes: decompressed where the path ends in `.gz` or `.zst`. */
  chunks: AsyncIterable<Buffer>;
  /** Of the file itself, so far. */
  bytesRead(): number;
  /** SHA-256 of the file's bytes, hex, however much of it was read. */
  hash(): Promise<string>;
  close(): void;
}

/**
 * Opens a file that messages call `path`.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE; reading `chunks` may also throw BAD_ENCODING and
 * UNKNOWN_FORMAT.
 */
export async function openInput(path: string, file: string): Promise<OpenInput> {
  const decompressor = createDecompressor(path, CHUNK_BYTES);
  await checkIsFile(file);
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const hash = createHash("sha256");
  const text = decompressor === null ? hashed(source, hash) : unpacked(source, decompressor, hash);
  return {
    chunks: readText(path, text),
    bytesRead: () => source.bytesRead,
    hash: async () => (source.readableEnded ? hash.digest("hex") : hashFile(file)),
    close() {
      decompressor?.destroy();
      source.destroy();
    },
  };
}

/**
 * SHA-256 of a file's bytes, hex.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE.
 */
export async function hashFile(path: string): Promise<string> {
  await checkIsFile(path);
  const hash = createHash("sha256");
  try {
    await eachBlock(path, (bytes) => hash.update(bytes));
  } catch (error) {
    throw inputError(path, error);
  }
  return hash.digest("hex");
}

/** Without the thread pool: to hand each block over took as long as to hash it. One buffer for all: V8 lets 32 MB of them add up. */
async function eachBlock(path: string, see: (bytes: Buffer) => void): Promise<void> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(HASHED_BYTES);
    for (let blocks = 1; ; blocks++) {
      const bytes = readSync(file, buffer, 0, HASHED_BYTES, null);
      if (bytes === 0) return;
      see(buffer.subarray(0, bytes));
      if (blocks % TURN_BLOCKS === 0) await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}

async function checkIsFile(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) return;
  } catch (error) {
    throw inputError(path, error);
  }
  throw new LlmBatchError({
    code: "INPUT_UNREADABLE",
    message: `${path}: is a folder`,
    hint: `name the files in it: ${shellWord(path)}/*.jsonl`,
  });
}

async function* hashed(source: Readable, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk as Buffer);
    yield chunk as Buffer;
  }
}

function unpacked(source: Readable, decompressor: Duplex, hash: Hash): AsyncIterable<Buffer> {
  source.on("data", (chunk: Buffer) => hash.update(chunk));
  source.on("error", (error) => decompressor.destroy(error));
  return source.pipe(decompressor);
}

async function* readText(path: string, text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  try {
    for await (const chunk of text) {
      if (isFirst) checkIsText(path, chunk);
      isFirst = false;
      yield chunk;
    }
  } catch (error) {
    throw inputError(path, error);
  }
}

/** Why an input can't be read, as an error for the user. Other errors stay as they are. */
export function inputError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (error instanceof LlmBatchError || code === "") return error;
  if (code === "ENOENT") {
    return new LlmBatchError({
      code: "INPUT_NOT_FOUND",
      message: `${path}: there is no such file`,
      hint: "check the path, or give - to read from standard input",
      cause: error,
    });
  }
  const isCompression = /^(Z_|ZSTD_)/.test(code);
  const tool = compressionOf(path) === "zst" ? "zstd" : "gzip";
  return new LlmBatchError({
    code: "INPUT_UNREADABLE",
    message: `${path}: can't be read: ${fileTrouble(error)}`,
    hint: isCompression
      ? `check the file with: ${tool} -t ${shellWord(path)}`
      : "check the file and its permissions",
    cause: error,
  });
}
