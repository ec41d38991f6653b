import type { Recovered } from "../../ports/store.ts";
import { NOTHING_RECOVERED } from "../recovery.ts";
import type { Unwritten } from "../spool.ts";
import type { Claims } from "./claims.ts";
import type { Endings } from "./endings.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const THERE = statement<{ runs: string[] }, { id: string }>(
  "SELECT id FROM {runs} WHERE id = ANY(@runs::text[])",
);

/** Part of a write: what a process could not write before it ended. */
export async function recover(
  session: Session,
  unwritten: readonly Unwritten[],
  { claims, endings }: { claims: Claims; endings: Endings },
): Promise<Recovered> {
  const runs = unwritten.map(({ run }) => run);
  const there = new Set((await session.all(THERE, { runs })).map(({ id }) => id));
  const all = unwritten.filter(({ run }) => there.has(run));
  const unsent = all.flatMap((one) => ("unsent" in one ? [{ job: one.unsent, owner: one.owner }] : []));
  const ended = all.flatMap((one) => ("ending" in one ? [{ ending: one.ending, owner: one.owner }] : []));
  if (unsent.length > 0) await claims.release(session, unsent);
  return ended.length > 0 ? endings.recover(session, ended) : NOTHING_RECOVERED;
}
