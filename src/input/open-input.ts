import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import { createDecompressor } from "./decompress.ts";
import { compressionOf } from "./formats.ts";
import { checkIsText } from "./text-check.ts";

/** A block of so many bytes is decoded to a string that V8 still takes for a young object; longer ones live longer. */
const CHUNK_BYTES = 64 * 1024;

/** An input that is open for reading, once. */
export interface OpenInput {
  /** The text's bytes: decompressed where the path ends in `.gz` or `.zst`. */
  chunks: AsyncIterable<Buffer>;
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
  const source = await openFile(file);
  const hash = createHash("sha256");
  source.on("data", (chunk: Buffer) => hash.update(chunk));
  const text = source.pipe(decompressor ?? new PassThrough({ highWaterMark: CHUNK_BYTES }));
  source.on("error", (error) => text.destroy(error));
  return {
    chunks: readText(path, text),
    hash: async () => (source.readableEnded ? hash.digest("hex") : hashFile(file)),
    close() {
      text.destroy();
      source.destroy();
    },
  };
}

/**
 * SHA-256 of a file's bytes, hex.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of await openFile(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw inputError(path, error);
  }
  return hash.digest("hex");
}

async function openFile(path: string): Promise<Readable> {
  try {
    if ((await stat(path)).isDirectory()) {
      throw new LlmBatchError({
        code: "INPUT_UNREADABLE",
        message: `${path}: is a folder`,
        hint: `name the files in it: ${path}/*.jsonl`,
      });
    }
  } catch (error) {
    throw inputError(path, error);
  }
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

async function* readText(path: string, text: Readable): AsyncGenerator<Buffer> {
  let isFirst = true;
  try {
    for await (const chunk of text) {
      if (isFirst) checkIsText(path, chunk as Buffer);
      isFirst = false;
      yield chunk as Buffer;
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
    hint: isCompression ? `check the file with: ${tool} -t ${path}` : "check the file and its permissions",
    cause: error,
  });
}
