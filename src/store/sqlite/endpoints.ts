import type { EndpointRecord } from "../../ports/store.ts";
import type { Database } from "./driver.ts";

const ALL = "SELECT endpoint, state, updated_at AS updatedAt FROM endpoints ORDER BY endpoint";
const STATE = "SELECT state FROM endpoints WHERE endpoint = ?";
const SAVE = `
  INSERT INTO endpoints (endpoint, state, updated_at) VALUES (?, ?, ?)
  ON CONFLICT (endpoint) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`;

/** What processes share about endpoints. */
export class Endpoints {
  readonly #all;
  readonly #state;
  readonly #save;

  constructor(db: Database) {
    this.#all = db.prepare<[], EndpointRecord>(ALL);
    this.#state = db.prepare<[string], string>(STATE).pluck();
    this.#save = db.prepare<[string, string, number]>(SAVE);
  }

  list(): EndpointRecord[] {
    return this.#all.all();
  }

  /** Part of a write. */
  update(endpoint: string, change: (state: string | null) => string | null, wallMs: number): string | null {
    const before = this.#state.get(endpoint) ?? null;
    const after = change(before);
    if (after !== null && after !== before) this.#save.run(endpoint, after, wallMs);
    return after;
  }
}
