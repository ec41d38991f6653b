import type { Readable, Writable } from "node:stream";
import type { Command } from "commander";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Address } from "../store/postgres/address.ts";

/** Where text goes: a terminal with its size, or anything else. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** What the process has: everything a command may touch of the outside comes in through here. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  stdin: Readable;
  stdout: OutputStream;
  stderr: OutputStream;
  clock: Clock;
  random: Random;
  /** Folders for the program's own files, such as the spool; the best one first. */
  stateFolders: readonly string[];
  /** The program of a thread that reads large inputs; null reads them in the only one. */
  readingThread: URL | null;
  /** Does `work` with a larger heap than the program has otherwise. */
  withLargeHeap<T>(work: () => Promise<T>): Promise<T>;
}

/** The flags that every command takes. */
export interface GlobalOptions {
  /** The database's file, or its server's address without the password, so that messages may show it. */
  db: string;
  /** The server's address, password included; null for a file. */
  address: Address | null;
  /** What `--db` says, without a password; null without the flag. */
  dbFlag: string | null;
  /** What a command that is named takes from the command line, to find the same database and key: ` --db … --env-file …`. */
  sameFlags: string;
  config: string | null;
  envFile: string | null;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  progress: "auto" | "bar" | "plain" | "none";
}

/** One call of a command. */
export interface Invocation {
  context: CliContext;
  globals: GlobalOptions;
  /** Positional arguments, in order; a variadic one is a list. */
  args: readonly unknown[];
  /** The command's own flags, as given. */
  flags: Readonly<Record<string, unknown>>;
  /** The whole command line: what completion is made from. */
  program: Command;
}
