import type { Clock } from "../../ports/clock.ts";
import type { NewRun, RunImport } from "../../ports/import.ts";
import type { Random } from "../../ports/random.ts";
import { FilledRun } from "../filled-run.ts";
import { newRunId } from "../run-id.ts";
import { beingImported, type NewRunRow, newRunRow } from "../run-row.ts";
import type { Database } from "./driver.ts";
import type { GroupCommit } from "./group-commit.ts";
import { importTable } from "./import-table.ts";
import type { InputRows } from "./input-rows.ts";
import type { Owners } from "./owners.ts";
import type { RunRemoval } from "./run-removal.ts";

const IMPORTING = "SELECT number FROM runs WHERE state = 'importing'";
const TWIN = "SELECT id FROM runs WHERE fingerprint = ? AND (state = 'importing' OR NOT ?)";
const INSERT = `
  INSERT INTO runs (id, state, fingerprint, request, samples, options, sources, output, created_at)
  VALUES (@id, 'importing', @fingerprint, @request, @samples, @options, @sources, @output, @createdAt)`;

interface ImportsParts {
  commits: GroupCommit;
  inputs: InputRows;
  owners: Owners;
  removal: RunRemoval;
  clock: Clock;
  random: Random;
}

/** Starts imports, and clears away those that died. */
export class Imports {
  readonly #parts: ImportsParts;
  readonly #importing;
  readonly #twin;
  readonly #insert;

  constructor(db: Database, parts: ImportsParts) {
    this.#parts = parts;
    this.#importing = db.prepare<[], number>(IMPORTING).pluck();
    this.#twin = db.prepare<[string, number], string>(TWIN).pluck();
    this.#insert = db.prepare<[NewRunRow]>(INSERT);
  }

  /** @throws LlmBatchError RUN_BEING_IMPORTED where a live process is at it, or was done with it a moment ago. */
  async begin(run: NewRun): Promise<RunImport> {
    const { owners, clock, random } = this.#parts;
    // Those that stay are being imported by the living.
    await this.dropAbandoned();
    const target = { id: newRunId(random), createdAt: clock.wall() };
    const number = await owners.joinNew(() => {
      this.#refuseTwice(run);
      return Number(this.#insert.run(newRunRow(run, target)).lastInsertRowid);
    });
    return new FilledRun({ ...target, number }, run, importTable(this.#parts));
  }

  /** Drops runs whose import, or deletion, was cut off by the death of its process. */
  async dropAbandoned(): Promise<void> {
    const { owners, removal } = this.#parts;
    const abandoned = this.#importing.all().filter((number) => !owners.isWorkedOn(number));
    for (const number of abandoned) await removal.drop(number);
  }

  #refuseTwice({ fingerprint, mayRepeat }: NewRun): void {
    const twin = this.#twin.get(fingerprint, Number(mayRepeat));
    if (twin !== undefined) throw beingImported(twin);
  }
}
