import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Duplex, Readable } from "node:stream";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import { shellWord } from "../domain/shell-word.ts";
import { createDecompressor } from "./decompress.ts";
import { compressionOf } from "./formats.ts";
import { checkIsText } from "./text-check.ts";

/** A block of so many bytes is decoded to a string that V8 still takes for a young object; longer ones live longer. */
const CHUNK_BYTES = 64 * 1024;
/** What is hashed at once. */
const HASHED_BYTES = 256 * 1024;

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
    const file = await open(path);
    try {
      // One buffer for all of the file: V8 lets 32 MB of them add up.
      const buffer = Buffer.allocUnsafe(HASHED_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(buffer);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw inputError(path, error);
  }
  return hash.digest("hex");
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

function inputError(path: string, error: unknown): unknown {
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
