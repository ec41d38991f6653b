import { expect, test } from "vitest";
import type { InputFile } from "../../../src/input/input-reader.ts";
import { readInThread } from "../../../src/input/reading-thread.ts";
import { StoredRows } from "../../../src/input/stored-rows.ts";
import { importRequest } from "../../helpers/import-request.ts";
import { MemoryImport } from "../../helpers/memory-import.ts";

const ignore = (): void => {};

/** Reads with a thread that runs this text in the place of our program. */
async function readWith(program: string, inputs: readonly InputFile[] = []): Promise<unknown> {
  const store = new MemoryImport();
  const { newRun, options } = importRequest({ inputs, store });
  const request = { inputs, options, settings: newRun.request, hash: false };
  const stored = new StoredRows(await store.beginImport(newRun), ignore, ignore);
  return readInThread(new URL(`data:text/javascript,${encodeURIComponent(program)}`), request, stored);
}

test.each([
  ["ends by itself", "process.exit(0)", "the thread that reads the input has ended"],
  ["throws", "throw new Error('it fell over')", "it fell over"],
])("a thread that %s is an error, not a wait without end", async (_, program, message) => {
  await expect(readWith(program)).rejects.toThrow(message);
});

test("a thread that runs out of memory is told as that, with the input and a way on", async () => {
  // As Node says it: to fill the memory of the machine takes a minute.
  const program = "throw Object.assign(new Error('at the limit'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })";
  const inputs = [{ path: "large.csv", file: "/nowhere", hash: "h" }];
  await expect(readWith(program, inputs)).rejects.toMatchObject({
    code: "OUT_OF_MEMORY",
    message: expect.stringMatching(/^large\.csv: .*memory/),
    hint: expect.stringContaining("--max-old-space-size"),
    exitCode: 2,
  });
});
