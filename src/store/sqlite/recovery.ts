import type { Recovered } from "../../ports/store.ts";
import type { Unwritten } from "../spool.ts";
import type { Claims } from "./claims.ts";
import type { Database } from "./driver.ts";
import type { Endings } from "./endings.ts";

const IS_THERE = "SELECT 1 FROM runs WHERE id = ?";

/** What processes could not write before they ended. */
export class SpooledWrites {
  readonly #claims: Claims;
  readonly #endings: Endings;
  readonly #isThere;

  constructor(db: Database, claims: Claims, endings: Endings) {
    this.#claims = claims;
    this.#endings = endings;
    this.#isThere = db.prepare<[string]>(IS_THERE);
  }

  /** Part of a write. */
  write(unwritten: readonly Unwritten[]): Recovered {
    const sum = { recorded: 0, late: 0 };
    for (const one of unwritten.filter(({ run }) => this.#isThere.get(run) !== undefined)) {
      if ("unsent" in one) this.#claims.release(one.unsent, one.owner);
      else {
        const became = this.#endings.recover(one.ending, one.owner);
        if (became !== null) sum[became] += 1;
      }
    }
    return sum;
  }
}
