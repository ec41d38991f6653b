import { createHash } from "node:crypto";
import type { BuiltRequest } from "./compile-request.ts";

/** Enough that no two requests of a database ever meet by chance. */
const HASH_BYTES = 16;

/** Equal for requests that are the same to the byte, to the same API of the same server: 16 bytes of SHA-256. */
export function requestHash(baseUrl: string, { api, body }: Pick<BuiltRequest, "api" | "body">): Buffer {
  const hash = createHash("sha256").update(`${baseUrl}\n${api}\n`).update(body);
  return hash.digest().subarray(0, HASH_BYTES);
}
