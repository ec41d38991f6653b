import type { RecordedStop, StopReason } from "../../domain/stop-reason.ts";
import { type StopRow, stopText, toStops } from "../stops.ts";
import type { Database } from "./driver.ts";
import type { OwnerRow, Owners } from "./owners.ts";
import { LAST_SIGN } from "./rescuer.ts";

/** The moment of the first note stays: what follows is the way to the same end. */
const NOTE = `
  UPDATE owners SET stop = @stop, stopped_at = coalesce(stopped_at, @wallMs)
  WHERE id = @owner AND EXISTS (SELECT 1 FROM runs WHERE runs.number = owners.run AND state = 'open')`;
const FORGET = "UPDATE owners SET stop = NULL, stopped_at = NULL WHERE run = ? AND stop IS NOT NULL";
const OF_RUN = `
  SELECT id, slot, host, pid, stop, coalesce(stopped_at, ended_at, ${LAST_SIGN}) AS at
  FROM owners WHERE run = ? AND (stop IS NOT NULL OR ended_at IS NULL) ORDER BY id`;

/** Puts on record why processes stopped. Every method is part of a write. */
export class Stops {
  readonly #note;
  readonly #forget;

  constructor(db: Database) {
    this.#note = db.prepare<[{ owner: number; stop: string; wallMs: number }]>(NOTE);
    this.#forget = db.prepare<[number]>(FORGET);
  }

  note(owner: number, reason: StopReason, wallMs: number): void {
    this.#note.run({ owner, stop: stopText(reason), wallMs });
  }

  forget(run: number): void {
    this.#forget.run(run);
  }
}

/** Reads why processes stopped. */
export class StopReports {
  readonly #owners: Owners;
  readonly #ofRun;

  constructor(db: Database, owners: Owners) {
    this.#owners = owners;
    this.#ofRun = db.prepare<[number], StopRow & OwnerRow>(OF_RUN);
  }

  read(run: number): RecordedStop[] {
    return toStops(this.#ofRun.all(run).filter((row) => row.stop !== null || !this.#owners.isAtWork(row)));
  }
}
