import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Ending } from "../domain/ending.ts";
import type { Clock } from "../ports/clock.ts";

/** What a process wanted to write about one of its claims: how the attempt ended, or that its call was never sent. */
export type Unwritten = { run: string; owner: number | null } & ({ ending: Ending } | { unsent: Claim });

interface Claim {
  id: number;
  attempt: number;
}

export interface SpoolOptions {
  /** The first one that will do is written to, all are read. */
  folders: readonly string[];
  /** Names one job table among all, in characters of a file name. */
  database: string;
  clock: Clock;
}

/** @param place what tells one job table from all others */
export function databaseName(place: string): string {
  return createHash("sha256").update(place).digest("hex").slice(0, 16);
}

/** Raised when a newer version writes what an older one can't read. */
const VERSION = 1;
const ENDING = ".jsonl";
const OTHERS_MAY_WRITE = 0o022;

/**
 * Files on this machine with what processes could not write to a job table before they ended. Each is written in one piece,
 * synced, and never changed: whoever reads it may record it, and only then removes it.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #written = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /**
   * @returns the file
   * @throws what the system says of the last folder that was tried
   */
  write(unwritten: readonly Unwritten[]): string {
    const { folders, database, clock } = this.#options;
    this.#written += 1;
    const name = `${database}.${Math.round(clock.wall())}.${process.pid}.${this.#written}${ENDING}`;
    const lines = [{ llm_batch_spool: VERSION }, ...unwritten.map((one) => this.#packed(one))];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    let failure: unknown = new Error("there is no folder for it");
    for (const folder of folders) {
      try {
        return writeWhole(spoolOf(folder), name, text);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Files for this job table, oldest first. */
  files(): string[] {
    const { folders, database } = this.#options;
    return folders.flatMap((folder) => {
      const spool = spoolOf(folder);
      const names = namesIn(spool);
      const own = names.filter((name) => name.startsWith(`${database}.`) && name.endsWith(ENDING));
      return own.map((name) => join(spool, name)).filter((path) => isSafe(path, "isFile"));
    });
  }

  /**
   * Null for a file that is gone, or that a newer version wrote.
   * @throws SyntaxError for one that was damaged
   */
  read(path: string): Unwritten[] | null {
    const text = unlessGone(() => readFileSync(path, "utf8"));
    if (text === null) return null;
    const [head, ...lines] = text.trimEnd().split("\n");
    if ((JSON.parse(head!) as { llm_batch_spool: number }).llm_batch_spool !== VERSION) return null;
    return lines.map((line) => this.#unpacked(JSON.parse(line) as Unwritten));
  }

  remove(path: string): void {
    rmSync(path, { force: true });
  }

  /** @returns where a file is now that nobody looks at any more; null where another process was faster */
  setAside(path: string): string | null {
    const aside = `${path}.refused`;
    return unlessGone(() => {
      renameSync(path, aside);
      return aside;
    });
  }

  /** Without the text of the row, which the job table has; a monotonic time means something to its process alone. */
  #packed(one: Unwritten): Unwritten {
    if (!("ending" in one)) return one;
    const { job, timing } = one.ending;
    const slotFreeAt = timing.slotFreeAt - this.#options.clock.now();
    return { ...one, ending: { ...one.ending, job: { ...job, row: "" }, timing: { ...timing, slotFreeAt } } };
  }

  #unpacked(one: Unwritten): Unwritten {
    if (!("ending" in one)) return one;
    const { timing } = one.ending;
    const slotFreeAt = timing.slotFreeAt + this.#options.clock.now();
    return { ...one, ending: { ...one.ending, timing: { ...timing, slotFreeAt } } };
  }
}

function spoolOf(folder: string): string {
  return join(folder, "spool");
}

/** None where it can't be looked into: a home may be another user's, as with `sudo -u`, or not even a folder. */
function namesIn(spool: string): string[] {
  try {
    return isSafe(spool, "isDirectory") ? readdirSync(spool).sort() : [];
  } catch {
    return [];
  }
}

/** Whether nobody else can have put it there: what stands in it is written into the job table. */
function isSafe(path: string, kind: "isFile" | "isDirectory"): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return stats[kind]() && isOurs(stats) && (stats.mode & OTHERS_MAY_WRITE) === 0;
}

function isOurs({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

/** It has its name only when all of it is on the disk. */
function writeWhole(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isSafe(folder, "isDirectory")) throw new Error(`${folder}: others may write there`);
  const path = join(folder, name);
  const part = `${path}.part`;
  try {
    synced(part, "wx", (file) => writeFileSync(file, text));
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  // Windows can't sync a folder.
  if (process.platform !== "win32") synced(folder, "r", () => {});
  return path;
}

function synced(path: string, flags: string, write: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Null where the file isn't there any more. */
function unlessGone<T>(use: () => T): T | null {
  try {
    return use();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
