import type { Run } from "../../domain/run.ts";
import type { RunSelector } from "../../ports/store.ts";
import { type RunRow, runNotFound, toRun } from "../run-row.ts";
import type { Database } from "./driver.ts";

const COLUMNS = `number, id, state, fingerprint, request, options, sources, output, written,
  created_at AS createdAt, finished_at AS finishedAt`;
const NEWEST_FIRST = "ORDER BY number DESC";
const BY_ID = `SELECT ${COLUMNS} FROM runs WHERE id = ?`;
const BY_FINGERPRINT = `SELECT ${COLUMNS} FROM runs WHERE fingerprint = ? AND state <> 'importing' ${NEWEST_FIRST} LIMIT 1`;
const BY_PATH = `SELECT ${COLUMNS} FROM runs WHERE path = ? AND state <> 'importing' ${NEWEST_FIRST} LIMIT 1`;
const LATEST = `SELECT ${COLUMNS} FROM runs WHERE state <> 'importing' ${NEWEST_FIRST} LIMIT 1`;
const LATEST_UNFINISHED = `SELECT ${COLUMNS} FROM runs WHERE state = 'open' ${NEWEST_FIRST} LIMIT 1`;
const ALL = `SELECT ${COLUMNS} FROM runs ${NEWEST_FIRST}`;

/** Finds runs. Newest first; a run that is still being imported is found by its id alone. */
export class Runs {
  readonly #byId;
  readonly #byFingerprint;
  readonly #byPath;
  readonly #latest;
  readonly #latestUnfinished;
  readonly #all;

  constructor(db: Database) {
    this.#byId = db.prepare<[string], RunRow>(BY_ID);
    this.#byFingerprint = db.prepare<[string], RunRow>(BY_FINGERPRINT);
    this.#byPath = db.prepare<[string], RunRow>(BY_PATH);
    this.#latest = db.prepare<[], RunRow>(LATEST);
    this.#latestUnfinished = db.prepare<[], RunRow>(LATEST_UNFINISHED);
    this.#all = db.prepare<[], RunRow>(ALL);
  }

  find(by: RunSelector): Run | null {
    const row = this.#select(by);
    return row === undefined ? null : toRun(row);
  }

  list(): Run[] {
    return this.#all.all().map(toRun);
  }

  /** @throws LlmBatchError RUN_NOT_FOUND */
  numberOf(id: string): number {
    const row = this.#byId.get(id);
    if (row !== undefined) return row.number;
    throw runNotFound(id);
  }

  #select(by: RunSelector): RunRow | undefined {
    if (by === "latest") return this.#latest.get();
    if (by === "latest-unfinished") return this.#latestUnfinished.get();
    if ("id" in by) return this.#byId.get(by.id);
    return "path" in by ? this.#byPath.get(by.path) : this.#byFingerprint.get(by.fingerprint);
  }
}
