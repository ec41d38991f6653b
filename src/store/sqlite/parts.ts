import { AttemptTally } from "../attempt-tally.ts";
import { InHand } from "../in-hand.ts";
import { Recovery } from "../recovery.ts";
import type { Spool } from "../spool.ts";
import { AttemptLog } from "./attempt-log.ts";
import type { Pacing } from "./busy.ts";
import { Claims } from "./claims.ts";
import { Doubts } from "./doubts.ts";
import type { Database } from "./driver.ts";
import { Endings } from "./endings.ts";
import { Endpoints } from "./endpoints.ts";
import { Figures } from "./figures.ts";
import { Forgiveness } from "./forgiveness.ts";
import { GroupCommit } from "./group-commit.ts";
import { Hashes } from "./hashes.ts";
import { History } from "./history.ts";
import { Imports } from "./imports.ts";
import { InputJobs } from "./input-jobs.ts";
import { InputRows } from "./input-rows.ts";
import { Lanes } from "./lanes.ts";
import { OthersVersion } from "./others-version.ts";
import { Outline } from "./outline.ts";
import { OverBudget } from "./over-budget.ts";
import { Owners } from "./owners.ts";
import { PendingLanes } from "./pending-lanes.ts";
import { SpooledWrites } from "./recovery.ts";
import { Rescuer } from "./rescuer.ts";
import { Results } from "./results.ts";
import { Retries } from "./retries.ts";
import { Reuse } from "./reuse.ts";
import { RowIds } from "./row-ids.ts";
import { RunChanges } from "./run-changes.ts";
import { RunRemoval } from "./run-removal.ts";
import { Runs } from "./runs.ts";
import { Search } from "./search.ts";
import { SharedAnswers } from "./shared-answers.ts";
import type { Slots } from "./slots.ts";
import { SpendReports } from "./spend-report.ts";
import { Spending } from "./spending.ts";
import { StopReports, Stops } from "./stops.ts";
import { Tallies } from "./tallies.ts";
import { TextPages } from "./text-pages.ts";
import { Twins } from "./twins.ts";
import { UnrescuedReports } from "./unrescued.ts";
import { Waits } from "./waits.ts";

export interface Connections {
  /** Only reads. */
  reader: Database;
  /** Used through the group commit alone; the reader itself where the database is opened for reading. */
  writer: Database;
}

/** What is kept where the database can't be written, and who is told. */
export interface Keeping {
  pacing: Pacing;
  spool: Spool;
  tell(text: string): void;
}

export type StoreParts = ReturnType<typeof wireParts>;

/** Wires the parts of the store to their connections. */
export function wireParts({ reader, writer }: Connections, slots: Slots, keeping: Keeping) {
  const { pacing, spool, tell } = keeping;
  const { clock, random } = pacing;
  const tallies = new Tallies(writer);
  const spending = new Spending(writer, clock);
  const commits = new GroupCommit(writer, [tallies, spending], pacing);
  const tally = new AttemptTally({
    tallies,
    spending,
    clock,
    forgetMinutes: (run, before) => tallies.forgetMinutes(run, before),
  });
  const attempts = new AttemptLog(writer);
  const owners = new Owners(writer, slots, commits, clock);
  const twins = new Twins(writer, tallies);
  const doubts = new Doubts(writer, tally);
  const claims = new Claims(writer, new PendingLanes(writer), tallies);
  const endings = new Endings(writer, { attempts, tally, twins, doubts, lanes: new Lanes(writer), clock });
  const spooled = new SpooledWrites(writer, claims, endings);
  const stops = new Stops(writer);
  const changes = new RunChanges(writer, tallies, stops);
  const removal = new RunRemoval(writer, commits, spending);
  const jobs = new InputJobs(writer, new Lanes(writer), tallies);
  const inputs = new InputRows(writer, jobs, new SharedAnswers(writer, twins, new Reuse(writer, tallies)));
  return {
    pacing,
    spool,
    reader,
    writer,
    commits,
    owners,
    changes,
    stops,
    removal,
    runs: new Runs(reader),
    lanes: new Lanes(reader),
    waits: new Waits(writer),
    pendingLanes: new PendingLanes(reader),
    rowIds: new RowIds(reader),
    results: new Results(reader),
    texts: new TextPages(reader),
    search: new Search(reader),
    outline: new Outline(reader),
    figures: new Figures(reader),
    spend: new SpendReports(reader),
    unrescued: new UnrescuedReports(reader),
    stopReports: new StopReports(reader, owners),
    imports: new Imports(writer, { commits, owners, inputs, removal, clock, random }),
    claims,
    endings,
    inHand: new InHand({ spool, tell }),
    recovery: new Recovery({ spool, write: (all) => commits.write(() => spooled.write(all)), tell }),
    forgiveness: new Forgiveness(writer, tallies, changes, twins),
    rescuer: new Rescuer(writer, { attempts, tallies, tally, doubts, twins }),
    othersVersion: new OthersVersion(writer),
    overBudget: new OverBudget(writer, tallies, twins),
    retries: new Retries(writer, tallies, changes, twins),
    hashes: new Hashes(writer),
    endpoints: new Endpoints(writer),
    history: new History(writer),
  };
}
