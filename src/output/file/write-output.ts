import type { Writable } from "node:stream";
import type { Part } from "../formats/format.ts";
import { outputError } from "./output-error.ts";
import { writeFile } from "./write-file.ts";
import { writeStream } from "./write-stream.ts";

export interface OutputPlace {
  /** `-` for standard output. */
  path: string;
  stdout: Writable;
  /** Replaces a file that is there. */
  force: boolean;
}

/**
 * Writes a file, or to standard output.
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function writeOutput(
  { path, stdout, force }: OutputPlace,
  parts: AsyncIterable<Part>,
): Promise<void> {
  if (path !== "-") return writeFile(path, force, parts);
  try {
    await writeStream(stdout, parts);
  } catch (error) {
    throw outputError("stdout", error);
  }
}
