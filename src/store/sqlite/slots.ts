import { existsSync } from "node:fs";
import { databaseFault, isBusy } from "./database-error.ts";
import type { Database, Driver } from "./driver.ts";

/**
 * Who is alive. A process that works on runs holds, for as long as it lives, an exclusive lock on a small file of
 * its own beside the database, `<database>-lock-<slot>`. The kernel frees it at death, however that comes. Process
 * ids would fail between containers, and heartbeats would mean waiting.
 *
 * The files are opened by SQLite alone and never deleted: either would break the locks.
 */
export class Slots {
  readonly #driver: Driver;
  readonly #path: string;
  #lock: Database | null = null;

  constructor(driver: Driver, path: string) {
    this.#driver = driver;
    this.#path = path;
  }

  /** Takes the first free slot and keeps it until `release`. */
  take(): number {
    for (let slot = 1; ; slot += 1) {
      this.#lock = this.#tryLock(slot);
      if (this.#lock !== null) return slot;
    }
  }

  /** Whether a live process holds the slot, this one included. */
  isHeld(slot: number): boolean {
    if (!existsSync(this.#file(slot))) return false;
    const probe = new this.#driver(this.#file(slot), { readonly: true, timeout: 0 });
    try {
      probe.prepare("SELECT count(*) FROM sqlite_schema").get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    } finally {
      probe.close();
    }
  }

  /** Whether any live process holds a slot, this one included. */
  someHeld(): boolean {
    for (let slot = 1; existsSync(this.#file(slot)); slot += 1) if (this.isHeld(slot)) return true;
    return false;
  }

  release(): void {
    this.#lock?.close();
    this.#lock = null;
  }

  #tryLock(slot: number): Database | null {
    const file = new this.#driver(this.#file(slot), { timeout: 0 });
    try {
      file.exec("BEGIN EXCLUSIVE");
      return file;
    } catch (error) {
      file.close();
      if (isBusy(error)) return null;
      throw databaseFault(error, this.#path) ?? error;
    }
  }

  #file(slot: number): string {
    return `${this.#path}-lock-${slot}`;
  }
}
