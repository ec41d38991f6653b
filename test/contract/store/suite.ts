import { describe } from "vitest";
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
import { describeSpool } from "./spool.ts";
import { describeStops } from "./stops.ts";
import type { NewStoreRig } from "./store-rig.ts";
import { describeTwins } from "./twins.ts";
import { describeWaits } from "./waits.ts";

/** What goes wrong first where a job table is wrong. */
const CORE = [
  describeImports,
  describeClaims,
  describeRecords,
  describeRescue,
  describeSpool,
  describeEndpoints,
];
const REST = [
  describeRuns,
  describeGroups,
  describeStops,
  describeWaits,
  describeForgiveness,
  describeRunChanges,
  describeResults,
  describeSearch,
  describeFigures,
  describeSpend,
  describeHistory,
  describeAsks,
  describeSamples,
  describeTwins,
  describeReuse,
  describeModel,
];

/** What every job table has to do, whatever keeps it; `core` is the part that shows most in a short time. */
export function describeStore(name: string, newRig: NewStoreRig, scope: "core" | "all" = "all"): void {
  describe(name, () => {
    for (const part of scope === "core" ? CORE : [...CORE, ...REST]) part(newRig);
  });
}
