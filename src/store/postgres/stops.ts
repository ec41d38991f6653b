import type { RecordedStop, StopReason } from "../../domain/stop-reason.ts";
import { type StopRow, stopText, toStops } from "../stops.ts";
import { IS_ALIVE } from "./processes.ts";
import { LAST_SIGN } from "./rescuer.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** The moment of the first note stays: what follows is the way to the same end. */
const NOTE = statement<{ owner: number; stop: string; wallMs: number }>(`
  UPDATE {owners} SET stop = @stop, stopped_at = coalesce(stopped_at, @wallMs)
  WHERE id = @owner AND EXISTS (SELECT 1 FROM {runs} WHERE runs.number = owners.run AND state = 'open')`);
const FORGET = statement<{ run: number }>(
  "UPDATE {owners} SET stop = NULL, stopped_at = NULL WHERE run = @run AND stop IS NOT NULL",
);
const OF_RUN = statement<{ run: number }, StopRow>(`
  SELECT owners.host, owners.pid, stop, coalesce(stopped_at, ended_at, ${LAST_SIGN}) AS at
  FROM {owners} LEFT JOIN {processes} ON processes.id = owners.process
  WHERE run = @run AND (stop IS NOT NULL OR ended_at IS NULL AND (processes.id IS NULL OR NOT ${IS_ALIVE}))
  ORDER BY owners.id`);

/** Puts on record why the process of that entry stopped. */
export async function noteStop(
  session: Session,
  owner: number,
  { reason, wallMs }: { reason: StopReason; wallMs: number },
): Promise<void> {
  await session.run(NOTE, { owner, stop: stopText(reason), wallMs });
}

export async function forgetStops(session: Session, run: number): Promise<void> {
  await session.run(FORGET, { run });
}

export async function stopsOf(session: Session, run: number): Promise<RecordedStop[]> {
  return toStops(await session.all(OF_RUN, { run }));
}
