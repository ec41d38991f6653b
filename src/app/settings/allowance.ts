import { getHeapStatistics } from "node:v8";

/**
 * Most bytes of the rows in hand, and of the answers that aren't recorded yet. Runs were no faster with more, see
 * `provider/http/body-memory.ts`.
 */
const MOST_BYTES = 128 * 1024 * 1024;

/** Each is in memory up to six times at once: with this, rows and answers of 16 MB get through a heap of 192 MB. */
const PARTS_OF_HEAP = 16;

/** Bytes that rows and answers may take: less where Node has a small heap, as in a small container. */
export function memoryAllowance(heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  return Math.min(MOST_BYTES, Math.floor(heapLimitBytes / PARTS_OF_HEAP));
}
