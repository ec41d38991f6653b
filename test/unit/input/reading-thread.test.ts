import { expect, test } from "vitest";
import { readInThread } from "../../../src/input/reading-thread.ts";
import { StoredRows } from "../../../src/input/stored-rows.ts";
import { importRequest } from "../../helpers/import-request.ts";
import { MemoryImport } from "../../helpers/memory-import.ts";

/** Reads with a thread that runs this text in the place of our program. */
async function readWith(program: string): Promise<unknown> {
  const store = new MemoryImport();
  const { newRun, options } = importRequest({ inputs: [], store });
  const request = { inputs: [], options, settings: newRun.request, hash: false };
  const stored = new StoredRows(await store.beginImport(newRun), () => {});
  return readInThread(new URL(`data:text/javascript,${encodeURIComponent(program)}`), request, stored);
}

test.each([
  ["ends by itself", "process.exit(0)", "the thread that reads the input has ended"],
  ["throws", "throw new Error('it fell over')", "it fell over"],
])("a thread that %s is an error, not a wait without end", async (_, program, message) => {
  await expect(readWith(program)).rejects.toThrow(message);
});
