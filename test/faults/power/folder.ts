import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The files of a folder by their names. */
export type Folder = ReadonlyMap<string, Buffer>;

/** SQLite's shared memory: made anew by whoever opens the database first, so of no worth after a power cut. */
const SHARED_MEMORY = /-shm$/;

export function readFolder(path: string): Folder {
  const names = readdirSync(path).filter((name) => !SHARED_MEMORY.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(path, name))]));
}

/** Puts these files, and nothing else, into a folder. */
export function writeFolder(path: string, files: Folder): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [name, content] of files)
    if (!SHARED_MEMORY.test(name)) writeFileSync(join(path, name), content);
}

/** The names of files that are not the same in both. */
export function differences(one: Folder, other: Folder): string[] {
  const names = new Set([...one.keys(), ...other.keys()].filter((name) => !SHARED_MEMORY.test(name)));
  return [...names].filter((name) => {
    const content = one.get(name);
    const same = content !== undefined && other.get(name)?.equals(content);
    return !same;
  });
}
