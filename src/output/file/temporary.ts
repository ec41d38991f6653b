import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** A part of a name: the whole could be as long as names may be, which is counted in bytes, as is the host's beside it. */
const NAME_CHARS = 40;

/**
 * Where a file is written before it takes its name: beside it, hidden. Host and process stand in the name, since a process number
 * alone means nothing to another container. A file that has both is this process's, or that of one that died.
 */
export function temporaryFor(path: string): string {
  return join(dirname(path), `${prefixOf(path)}${process.pid}.tmp`);
}

/**
 * Removes what processes of this host left when they were killed while writing the file. Another host's are left alone.
 * A mistake would cost the other process its writing, with an error, and no data.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = prefixOf(path);
  // A folder that may be written to, and not be listed, is one to drop files into.
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(/^(\d+)\.tmp$/.exec(name.slice(prefix.length))?.[1] ?? Number.NaN);
    // One that can't be removed is no reason not to write.
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

function prefixOf(path: string): string {
  return `.${basename(path).slice(0, NAME_CHARS)}.${hostname()}.`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
