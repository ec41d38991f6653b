import { callsAtMost, doubtsOf, type GroupDoubt } from "../doubtful.ts";
import type { Database } from "./driver.ts";
import { CLAIMED, type ClaimedRow } from "./rescuer.ts";

const UNENDED = "SELECT id, concurrency FROM owners WHERE run = ? AND ended_at IS NULL";

/** Reads what a rescue will note of a run that no living process is at. */
export class Unrescued {
  readonly #unended;
  readonly #claimed;

  constructor(db: Database) {
    this.#unended = db.prepare<[number], { id: number; concurrency: number | null }>(UNENDED);
    this.#claimed = db.prepare<[number], ClaimedRow>(CLAIMED);
  }

  read(run: number): GroupDoubt[] {
    return this.#unended.all(run).flatMap(({ id, concurrency }) => {
      const claims = this.#claimed.all(id);
      return doubtsOf(claims, callsAtMost(claims, concurrency));
    });
  }
}
