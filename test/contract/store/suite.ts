import { describe } from "vitest";
import type { Store } from "../../../src/ports/store.ts";
import type { ManualClock } from "../../helpers/manual-clock.ts";
import { describeAsks } from "./asks.ts";
import { describeClaims } from "./claims.ts";
import { describeEndpoints } from "./endpoints.ts";
import { describeFigures } from "./figures.ts";
import { describeForgiveness } from "./forgiveness.ts";
import { describeGroups } from "./groups.ts";
import { describeHistory } from "./history.ts";
import { describeImports } from "./imports.ts";
import { describeModel } from "./model.ts";
import { describeRecords } from "./records.ts";
import { describeRescue } from "./rescue.ts";
import { describeResults } from "./results.ts";
import { describeReuse } from "./reuse.ts";
import { describeRunChanges } from "./run-changes.ts";
import { describeRuns } from "./runs.ts";
import { describeSamples } from "./samples.ts";
import { describeSearch } from "./search.ts";
import { describeSpend } from "./spend.ts";
import { describeTwins } from "./twins.ts";
import { describeWaits } from "./waits.ts";

/** One job table that a test may open as often as it likes, as different processes would. */
export interface StoreRig {
  clock: ManualClock;
  /** Opened stores are closed after the test. */
  open(): Promise<Store>;
}

export type NewStoreRig = () => StoreRig;

/** What every job table has to do, whatever keeps it. */
export function describeStore(name: string, newRig: NewStoreRig): void {
  describe(name, () => {
    describeImports(newRig);
    describeRuns(newRig);
    describeClaims(newRig);
    describeGroups(newRig);
    describeWaits(newRig);
    describeRecords(newRig);
    describeRescue(newRig);
    describeForgiveness(newRig);
    describeRunChanges(newRig);
    describeResults(newRig);
    describeSearch(newRig);
    describeFigures(newRig);
    describeSpend(newRig);
    describeEndpoints(newRig);
    describeHistory(newRig);
    describeAsks(newRig);
    describeSamples(newRig);
    describeTwins(newRig);
    describeReuse(newRig);
    describeModel(newRig);
  });
}
