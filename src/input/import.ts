import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Run } from "../domain/run.ts";
import type { NewRun, ReadSoFar } from "../ports/import.ts";
import type { Store } from "../ports/store.ts";
import { type ImportCounts, type ImportOptions, type InputFile, InputReader } from "./input-reader.ts";
import { readInThread } from "./reading-thread.ts";
import { StoredRows } from "./stored-rows.ts";

export type { ImportOptions, InputFile } from "./input-reader.ts";
export { hashFile } from "./open-input.ts";

/** Inputs of at least so many bytes are read by a thread: it costs some time to start. */
const LARGE_BYTES = 8 * 1024 * 1024;

export interface ImportRequest {
  inputs: readonly InputFile[];
  newRun: NewRun;
  options: ImportOptions;
  store: Pick<Store, "beginImport">;
  /** The program of a thread that reads large inputs while this one stores them; null reads all in this one. */
  thread: URL | null;
  /** Gets each model that good rows name (null for none) as it first comes up; what it throws ends the import. */
  seeModel?(model: string | null): void;
  /** Gets each batch of rows told. */
  seeRead?(read: ReadSoFar): void;
}

/**
 * Reads the inputs into a new run. Memory doesn't grow with their size. On an error nothing of the run is left.
 * @throws LlmBatchError DUPLICATE_ID, what `InputReader` throws, and what `seeModel` throws
 */
export async function importRun(request: ImportRequest): Promise<{ run: Run } & ImportCounts> {
  const { inputs, newRun, options, store, thread, seeModel = () => {}, seeRead } = request;
  const { dedupe, reuse } = newRun.sharing;
  const wanted = { inputs, options, settings: newRun.request, hash: dedupe || reuse };
  const reader = new InputReader(wanted);
  const target = await store.beginImport(newRun);
  const ofBytes = sizeOf(inputs);
  const stored = new StoredRows(target, seeModel, (rows, bytes) => seeRead?.({ rows, bytes, ofBytes }));
  try {
    const { sources, ...counts } =
      thread !== null && ofBytes >= LARGE_BYTES && availableParallelism() > 1
        ? await readInThread(thread, wanted, stored)
        : await reader.read(stored);
    return { run: await target.finish(sources), ...counts };
  } catch (error) {
    await stored.settled();
    await target.discard();
    throw error;
  }
}

function sizeOf(inputs: readonly InputFile[]): number {
  const sizes = inputs.map(({ file }) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
