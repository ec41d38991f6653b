import { type RecordedStop, type StopReason, stopReason } from "../domain/stop-reason.ts";

/** A process that worked on a run and stopped, or died. */
export interface StopRow extends Pick<RecordedStop, "at" | "host" | "pid"> {
  /** As `stopText` writes it; null where the process died and nobody has taken its claims back yet. */
  stop: string | null;
}

/** What is written for a process that died, once its claims are taken back. */
export const DIED = stopText(stopReason.died());

export function stopText({ code, message, exitCode, raise, hint }: StopReason): string {
  return JSON.stringify({ code, message, exitCode, raise, hint });
}

/** The oldest first. */
export function toStops(rows: readonly StopRow[]): RecordedStop[] {
  return rows
    .map(({ stop, at, host, pid }) => ({ ...(JSON.parse(stop ?? DIED) as StopReason), at, host, pid }))
    .sort((a, b) => a.at - b.at);
}
