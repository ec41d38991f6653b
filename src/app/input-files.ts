import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { hashFile, type InputFile } from "../input/import.ts";

/**
 * Gives `work` the files to read, each with its hash. Standard input (`-`) is put into a temporary file for as long,
 * since an input is read twice: to know it by its hash, and to import it.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function withInputFiles<T>(
  inputs: readonly string[],
  stdin: Readable,
  work: (files: readonly InputFile[]) => Promise<T>,
): Promise<T> {
  const folder = inputs.includes("-") ? await mkdtemp(join(tmpdir(), "llm-batch-")) : null;
  try {
    const spooled = folder === null ? null : join(folder, "stdin");
    if (spooled !== null) await pipeline(stdin, createWriteStream(spooled, { mode: 0o600 }));
    const files: InputFile[] = [];
    for (const path of inputs) {
      const file = path === "-" ? spooled! : path;
      files.push({ path, file, hash: await hashFile(file) });
    }
    return await work(files);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true });
  }
}
