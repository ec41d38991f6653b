import type { Database } from "./driver.ts";

/** Counts commits of other connections, and so, asked on the only one that writes here, those of other processes. */
const VERSION = "PRAGMA data_version";

/** Tells whether other processes have written. */
export class OthersVersion {
  readonly #version;

  /** @param writer the one connection of this process that writes */
  constructor(writer: Database) {
    this.#version = writer.prepare<[], number>(VERSION).pluck();
  }

  read(): string {
    return String(this.#version.get());
  }
}
