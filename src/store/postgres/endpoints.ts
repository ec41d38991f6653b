import type { EndpointRecord } from "../../ports/store.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const ALL = statement<object, EndpointRecord>(
  'SELECT endpoint, state, updated_at AS "updatedAt" FROM {endpoints} ORDER BY endpoint COLLATE "C"',
);
const LOCK = statement<{ endpoint: string }, { state: string }>(
  "SELECT state FROM {endpoints} WHERE endpoint = @endpoint FOR UPDATE",
);
const INSERT = statement<Saved>(`
  INSERT INTO {endpoints} (endpoint, state, updated_at) VALUES (@endpoint, @state, @wallMs) ON CONFLICT DO NOTHING`);
const SAVE = statement<Saved>(
  "UPDATE {endpoints} SET state = @state, updated_at = @wallMs WHERE endpoint = @endpoint",
);

interface Saved {
  endpoint: string;
  state: string;
  wallMs: number;
}

export function listEndpoints(session: Session): Promise<EndpointRecord[]> {
  return session.all(ALL, {});
}

/** Part of a write: reads, changes and writes under the row's lock, held until the commit. */
export async function updateEndpoint(
  session: Session,
  endpoint: string,
  change: (state: string | null) => string | null,
  wallMs: number,
): Promise<string | null> {
  for (;;) {
    const before = (await session.first(LOCK, { endpoint }))?.state ?? null;
    const state = change(before);
    if (state === null || state === before) return state;
    const saved = await session.run(before === null ? INSERT : SAVE, { endpoint, state, wallMs });
    // Two were first: now there is a row to lock.
    if (saved === 1) return state;
  }
}
