import { chmodSync, chownSync, existsSync, statSync } from "node:fs";
import { LlmBatchError } from "../../domain/errors.ts";
import { shellWord } from "../../domain/shell-word.ts";
import { databaseFault, isBusy, isForbidden } from "./database-error.ts";
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

  /**
   * Whether a live process holds the slot, this one included.
   * @throws LlmBatchError DB_UNREADABLE where nobody may tell
   */
  isHeld(slot: number): boolean {
    if (!existsSync(this.#file(slot))) return false;
    const probe = this.#open(slot, { readonly: true, timeout: 0 });
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

  /**
   * Null for a slot that another process holds, or whose file is another user's: of what may not be written SQLite makes a reader, and
   * its BEGIN EXCLUSIVE locks nothing, so that everybody would take this process for dead.
   */
  #tryLock(slot: number): Database | null {
    const wasThere = existsSync(this.#file(slot));
    let file: Database | null = null;
    try {
      file = new this.#driver(this.#file(slot), { timeout: 0 });
      file.exec("BEGIN EXCLUSIVE");
      if (this.isHeld(slot)) {
        this.#shareAsDatabase(slot);
        return file;
      }
      file.close();
      return null;
    } catch (error) {
      file?.close();
      if (isBusy(error) || (wasThere && isForbidden(error))) return null;
      throw databaseFault(error, this.#path) ?? error;
    }
  }

  /** Who may use the database has to see who else does, and to take the slot in his turn. Root may have made its file. */
  #shareAsDatabase(slot: number): void {
    try {
      const { mode, uid, gid } = statSync(this.#path);
      chmodSync(this.#file(slot), mode & 0o777);
      if (process.getuid?.() === 0) chownSync(this.#file(slot), uid, gid);
    } catch {
      // It is another user's, who will have done so.
    }
  }

  #open(slot: number, options: { readonly: boolean; timeout: number }): Database {
    const file = this.#file(slot);
    try {
      return new this.#driver(file, options);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      throw new LlmBatchError({
        code: "DB_UNREADABLE",
        message: `${file}: can't be read, so nobody can tell whether the process that it stands for still works`,
        hint: `give it to who has the database: sudo chown --reference=${shellWord(this.#path)} ${shellWord(file)}`,
        cause: error,
      });
    }
  }

  #file(slot: number): string {
    return `${this.#path}-lock-${slot}`;
  }
}
