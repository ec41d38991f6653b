import { AttemptLog } from "./attempt-log.ts";
import { AttemptTally } from "./attempt-tally.ts";
import type { Pacing } from "./busy.ts";
import { Claims } from "./claims.ts";
import type { Database } from "./driver.ts";
import { Endings } from "./endings.ts";
import { Endpoints } from "./endpoints.ts";
import { Figures } from "./figures.ts";
import { Forgiveness } from "./forgiveness.ts";
import { GroupCommit } from "./group-commit.ts";
import { Imports } from "./imports.ts";
import { InputRows } from "./input-rows.ts";
import { Lanes } from "./lanes.ts";
import { Owners } from "./owners.ts";
import { Rescuer } from "./rescuer.ts";
import { Results } from "./results.ts";
import { RunChanges } from "./run-changes.ts";
import { RunRemoval } from "./run-removal.ts";
import { Runs } from "./runs.ts";
import type { Slots } from "./slots.ts";
import { Tallies } from "./tallies.ts";
import { WaitingJobs } from "./waiting-jobs.ts";

export interface Connections {
  /** Only reads. */
  reader: Database;
  /** Used through the group commit alone; the reader itself where the database is opened for reading. */
  writer: Database;
}

export type StoreParts = ReturnType<typeof wireParts>;

/** Wires the parts of the store to their connections. */
export function wireParts({ reader, writer }: Connections, slots: Slots, pacing: Pacing) {
  const { clock, random } = pacing;
  const tallies = new Tallies(writer);
  const commits = new GroupCommit(writer, tallies, pacing);
  const tally = new AttemptTally(writer, tallies, clock);
  const attempts = new AttemptLog(writer);
  const owners = new Owners(writer, slots, commits, clock);
  const changes = new RunChanges(writer, tallies);
  const removal = new RunRemoval(writer, commits);
  const inputs = new InputRows(writer, new Lanes(writer), tallies);
  return {
    pacing,
    reader,
    writer,
    commits,
    owners,
    changes,
    removal,
    runs: new Runs(reader),
    lanes: new Lanes(reader),
    waiting: new WaitingJobs(reader, new Lanes(reader)),
    results: new Results(reader),
    figures: new Figures(reader),
    imports: new Imports(writer, { commits, owners, inputs, removal, clock, random }),
    claims: new Claims(writer, new Lanes(writer), tallies),
    endings: new Endings(writer, attempts, tally, clock),
    forgiveness: new Forgiveness(writer, tallies, changes),
    rescuer: new Rescuer(writer, attempts, tallies, tally),
    endpoints: new Endpoints(writer),
  };
}
