import type { Unrescued } from "../../domain/spend.ts";
import { unrescuedOf } from "../doubtful.ts";
import type { Database } from "./driver.ts";
import { CLAIMED, type ClaimedRow } from "./rescuer.ts";

const UNENDED = "SELECT id, concurrency FROM owners WHERE run = ? AND ended_at IS NULL";

/** Reads what the next rescue will add to the calls in doubt of a run that no living process works on. */
export class UnrescuedReports {
  readonly #unended;
  readonly #claimed;

  constructor(db: Database) {
    this.#unended = db.prepare<[number], { id: number; concurrency: number | null }>(UNENDED);
    this.#claimed = db.prepare<[number], ClaimedRow>(CLAIMED);
  }

  read(run: number): Unrescued {
    const unended = this.#unended.all(run);
    return unrescuedOf(
      unended.map(({ id, concurrency }) => ({ claims: this.#claimed.all(id), concurrency })),
    );
  }
}
