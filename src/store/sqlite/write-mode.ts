import type { Durability } from "../../ports/store.ts";
import { durabilityOf, setDurability } from "./connection.ts";
import type { Database } from "./driver.ts";

/** Of the log, before it is moved into the database: SQLite's own 4 MB, and 32 MB while much is written at once. */
const PAGES = 1_000;
const RELAXED_PAGES = 8_000;

/**
 * How safe commits are. A relaxed one survives a power cut only when a commit as safe as was asked for follows it, which makes
 * sure of all that came before.
 */
export class WriteMode {
  readonly #db: Database;
  #isRelaxed = false;
  #durability: Durability | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  setDurability(durability: Durability): void {
    this.#durability = durability;
    if (!this.#isRelaxed) setDurability(this.#db, durability);
  }

  /** For the commits from now on. */
  relax(isRelaxed: boolean): void {
    if (isRelaxed === this.#isRelaxed) return;
    this.#durability ??= durabilityOf(this.#db);
    setDurability(this.#db, isRelaxed ? "normal" : this.#durability);
    this.#db.pragma(`wal_autocheckpoint = ${isRelaxed ? RELAXED_PAGES : PAGES}`);
    this.#isRelaxed = isRelaxed;
  }
}
