import { createWriteStream } from "node:fs";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LlmBatchError } from "../../domain/errors.ts";
import type { Part } from "../formats/format.ts";
import { outputError } from "./output-error.ts";
import { removeLeftovers, temporaryFor } from "./temporary.ts";
import { writeStream } from "./write-stream.ts";

/**
 * Writes a file whole or not at all: to a temporary file beside it, which takes its name when everything is on disk.
 * Devices and pipes, and what this process has open already, such as `/dev/stdout`, are written to directly.
 *
 * @param force replaces a file that is there
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL.
 */
export async function writeFile(path: string, force: boolean, parts: AsyncIterable<Part>): Promise<void> {
  try {
    const found = await kindOf(path);
    if (found === "device") return await writeDevice(path, parts);
    if (found === "file" && !force) throw outputExists(path);
    // Behind a symbolic link the file is replaced, not the link.
    await replaceFile(found === "file" ? await realpath(path) : path, parts);
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Whether a path is a pipe or a device, which takes what is written at once. */
export async function isDevice(path: string): Promise<boolean> {
  try {
    return (await kindOf(path)) === "device";
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Whether this process has it open: a file behind such a name is the shell's, which others may write to after us. */
export function isOpenAlready(path: string): boolean {
  return /^\/(dev\/(stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/.test(path);
}

async function kindOf(path: string): Promise<"none" | "file" | "device"> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (found === null) return "none";
  if (found.isDirectory()) {
    throw new LlmBatchError({
      code: "OUTPUT_UNWRITABLE",
      message: `${path}: is a folder`,
      hint: `name a file in it: ${join(path, "results.jsonl")}`,
    });
  }
  return found.isFile() && !isOpenAlready(path) ? "file" : "device";
}

async function writeDevice(path: string, parts: AsyncIterable<Part>): Promise<void> {
  // What is there already stays: the shell may have opened it to append.
  const stream = createWriteStream(path, { flags: "a" });
  await writeStream(stream, parts);
  await new Promise<void>((resolve) => stream.close(() => resolve()));
}

async function replaceFile(path: string, parts: AsyncIterable<Part>): Promise<void> {
  const temporary = temporaryFor(path);
  await removeLeftovers(path);
  try {
    await fill(temporary, parts, await modeFor(path));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Who may not read the file that is replaced may not read the new one. */
async function modeFor(path: string): Promise<number> {
  const replaced = await stat(path).catch(() => null);
  return replaced ? replaced.mode & 0o777 : 0o666;
}

/** One part is written while the next is made. Nothing that others have put in its place is written to. */
async function fill(path: string, parts: AsyncIterable<Part>, mode: number): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, "wx", mode);
  let written = Promise.resolve();
  try {
    for await (const part of parts) {
      await written;
      written = append(file, part);
      // The error is thrown where the write is awaited: making the next part may throw first.
      written.catch(() => {});
    }
    await written;
    await file.sync();
  } finally {
    await written.catch(() => {});
    await file.close();
  }
}

/** `appendFile` makes a buffer of a string, and V8 lets those of 32 MB add up before it looks for what is garbage. */
async function append(file: FileHandle, part: Part): Promise<void> {
  if (typeof part !== "string") return file.appendFile(part);
  const { bytesWritten } = await file.write(part);
  if (bytesWritten < Buffer.byteLength(part)) await file.appendFile(Buffer.from(part).subarray(bytesWritten));
}

/** The new name itself is only safe from a power cut once the folder is synced; not every folder can be, and the file is whole. */
async function syncFolder(path: string): Promise<void> {
  const folder: FileHandle | null = await open(path, "r").catch(() => null);
  try {
    await folder?.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EIO") throw error;
  } finally {
    await folder?.close();
  }
}

function outputExists(path: string): LlmBatchError {
  return new LlmBatchError({
    code: "OUTPUT_EXISTS",
    message: `${path}: is there already`,
    hint: "replace it with --force, or write to another file",
  });
}
