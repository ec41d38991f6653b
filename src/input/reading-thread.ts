import { Worker } from "node:worker_threads";
import { LlmBatchError } from "../domain/errors.ts";
import type { ReadInputs, ReadRequest } from "./input-reader.ts";
import { unpackRows } from "./packed-rows.ts";
import { type Told, unpackError } from "./reading-messages.ts";
import type { StoredRows } from "./stored-rows.ts";

/** Of the thread's young generation. With half as much, collecting it took twice the time, and records got into the old one. */
const YOUNG_MB = 12;

/**
 * Has the inputs read and checked by another thread, while this one stores their rows.
 * @param program `reading-program.ts`, built
 * @throws LlmBatchError OUT_OF_MEMORY, and as `InputReader.read`
 */
export async function readInThread(
  program: URL,
  request: ReadRequest,
  stored: StoredRows,
): Promise<ReadInputs> {
  const thread = new Worker(program, {
    workerData: request,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  try {
    return await new Promise((resolve, reject) => {
      let before = Promise.resolve();
      const take = async (told: Told): Promise<void> => {
        if (told.type === "model") return stored.seeModel(told.model);
        if (told.type === "end") return resolve(told.read);
        if (told.type === "failed") throw unpackError(told.error);
        if (told.type === "stored") await stored.stored();
        else await append(stored, told);
        thread.postMessage(null);
      };
      thread.on("message", (told: Told) => {
        before = before.then(() => take(told));
        before.catch(reject);
      });
      thread.on("error", (error) => reject(isOutOfMemory(error) ? outOfMemory(request, error) : error));
      thread.on("exit", () => reject(new Error("the thread that reads the input has ended")));
    });
  } finally {
    await thread.terminate();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
}

function outOfMemory({ inputs }: ReadRequest, cause: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "OUT_OF_MEMORY",
    message: `${inputs.map(({ path }) => path).join(" ")}: reading its rows takes more memory than the process may have`,
    hint: "allow more, e.g. NODE_OPTIONS=--max-old-space-size=4096, or shorten its longest rows; the same command reads it again",
    cause,
  });
}

function append(stored: StoredRows, { packed, bytes }: Extract<Told, { type: "rows" }>): Promise<void> {
  const { rows, characters } = unpackRows(packed);
  return stored.append(packed.source, rows, { characters, bytes });
}
