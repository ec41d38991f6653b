import { createReadStream, createWriteStream, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { hashFile, type InputFile } from "../input/import.ts";

/**
 * Gives `work` the files to read, each with its hash. An input is read twice, to know it by its hash and to import it, so
 * standard input (`-`) and pipes are put into a temporary file for as long.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function withInputFiles<T>(
  inputs: readonly string[],
  stdin: Readable,
  work: (files: readonly InputFile[]) => Promise<T>,
): Promise<T> {
  const folder = inputs.some(isStream) ? await mkdtemp(join(tmpdir(), "llm-batch-")) : null;
  try {
    const files: InputFile[] = [];
    for (const [index, path] of inputs.entries()) {
      const file = folder !== null && isStream(path) ? join(folder, String(index)) : path;
      if (file !== path) await spool(path === "-" ? stdin : createReadStream(path), file);
      files.push({ path, file, hash: await hashFile(file) });
    }
    return await work(files);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true });
  }
}

function isStream(path: string): boolean {
  if (path === "-") return true;
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

function spool(from: Readable, file: string): Promise<void> {
  return pipeline(from, createWriteStream(file, { mode: 0o600 }));
}
