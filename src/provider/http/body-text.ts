import { brotliDecompressSync, gunzipSync, inflateSync, type ZlibOptions } from "node:zlib";
import { header, type ReplyHeaders } from "./reply.ts";

type Unpack = (bytes: Buffer, options: ZlibOptions) => Buffer;

/** By the names in `content-encoding`. */
const UNPACKERS: ReadonlyMap<string, Unpack> = new Map([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateSync],
  ["br", brotliDecompressSync],
]);

/** Servers on .NET begin with it; it is no part of the text, and JSON.parse refuses it. */
const BYTE_ORDER_MARK = "\ufeff";

/** The text of a body, or of the beginning of one. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/**
 * A body's bytes as they were before the server packed them. We never ask for that, and some gateways do it all the same. What isn't
 * packed as its header says stays as it came: that header may be all that is wrong.
 *
 * @returns null where they are more than `maxBytes`
 */
export function unpacked(bytes: Buffer, headers: ReplyHeaders, maxBytes: number): Buffer | null {
  const encoding = header(headers, "content-encoding");
  if (encoding === null) return bytes;
  const names = encoding.toLowerCase().split(",").reverse();
  try {
    return names.reduce((packed, name) => {
      const unpack = UNPACKERS.get(name.trim());
      return unpack ? unpack(packed, { maxOutputLength: maxBytes }) : packed;
    }, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? null : bytes;
  }
}
