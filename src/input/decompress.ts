import type { Duplex } from "node:stream";
import zlib from "node:zlib";
import { LlmBatchError } from "../domain/errors.ts";
import { shellWord } from "../domain/shell-word.ts";
import { compressionOf } from "./formats.ts";

/** What Node has for Zstandard, from 22.15 on. */
interface Zstd {
  createZstdDecompress(options: { chunkSize: number }): Duplex;
  zstdCompressSync(text: string): Buffer;
  zstdDecompressSync(bytes: Buffer): Buffer;
}

/**
 * What a file's bytes are read through; null where they are the text.
 *
 * @param chunkBytes how much comes out at once
 * @throws LlmBatchError INPUT_UNREADABLE where this Node can't read the compression.
 */
export function createDecompressor(path: string, chunkBytes: number): Duplex | null {
  const compression = compressionOf(path);
  if (compression === null) return null;
  if (compression === "gz") return zlib.createGunzip({ chunkSize: chunkBytes });
  const zstd = zlib as unknown as Partial<Zstd>;
  if (canReadZstd(zstd)) return zstd.createZstdDecompress({ chunkSize: chunkBytes });
  throw new LlmBatchError({
    code: "INPUT_UNREADABLE",
    message: `${path}: Node ${process.versions.node} can't read Zstandard, or can't tell when a file of it is cut off`,
    hint: `decompress it first: zstd -d ${shellWord(path)}; or use the newest Node 24 or later`,
  });
}

/**
 * Not every Node that has it tells the end of a file from a cut: https://github.com/nodejs/node/issues/64592. Rows would
 * be lost in silence.
 */
function canReadZstd(zstd: Partial<Zstd>): zstd is Zstd {
  if (zstd.zstdCompressSync === undefined) return false;
  const whole = zstd.zstdCompressSync("a text");
  try {
    zstd.zstdDecompressSync!(whole.subarray(0, -1));
    return false;
  } catch {
    return true;
  }
}
