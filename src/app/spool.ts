import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

interface Spooled {
  /** Each input as the user gave it, and the file to read it from. */
  files: readonly { path: string; file: string }[];
  remove(): Promise<void>;
}

/** Puts standard input into a temporary file, since an input is read twice: to know it by its hash, and to import it. */
export async function spool(inputs: readonly string[], stdin: Readable): Promise<Spooled> {
  if (!inputs.includes("-"))
    return { files: inputs.map((path) => ({ path, file: path })), remove: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "llm-batch-"));
  const file = join(folder, "stdin");
  await pipeline(stdin, createWriteStream(file, { mode: 0o600 }));
  return {
    files: inputs.map((path) => ({ path, file: path === "-" ? file : path })),
    remove: () => rm(folder, { recursive: true }),
  };
}
