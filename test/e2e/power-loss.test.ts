import { expect, test } from "vitest";
import type { Durability } from "../../src/store/sqlite/connection.ts";
import { cutPower, type Toll } from "../faults/power/cut-power.ts";
import { whyNotTraced } from "../faults/power/tracer.ts";
import { exportWorkload } from "../faults/power/workloads/export.ts";
import { runWorkload } from "../faults/power/workloads/run.ts";
import { storeWorkload } from "../faults/power/workloads/store.ts";
import type { Workload } from "../faults/power/workloads/workload.ts";
import { tempFolder } from "../helpers/cli.ts";
import { simulate } from "../helpers/provider.ts";
import { seeded } from "../helpers/seeded.ts";

// The short form of `npm run test:power`.
const missing = whyNotTraced();
if (missing !== null) process.stderr.write(`SKIPPED: power cuts, since ${missing}\n`);

const CUTS = 40;

function tollOf(workload: Workload, durability: Durability, goOn = 0): Promise<Toll> {
  return cutPower(workload, { folder: tempFolder(), durability, cuts: CUTS, goOn, random: seeded(1) });
}

const unharmed = { cuts: CUTS, lost: [], corrupt: [] };

test.runIf(missing === null)(
  "power cuts while results are recorded: what was acknowledged is there, and nothing is broken",
  async () => {
    expect(await tollOf(storeWorkload(40), "full")).toMatchObject(unharmed);
  },
);

test.runIf(missing === null)(
  "power cuts during a run: no result before the call in flight is lost, and the same command goes on",
  async () => {
    const simulator = await simulate(["answer", "echo"]);
    const toll = await tollOf(runWorkload(simulator, 20), "full", 3);
    expect(toll).toMatchObject({ ...unharmed, wentOn: 3 });
  },
);

test.runIf(missing === null)(
  "power cuts during an export: the file is the old one or the whole new one",
  async () => {
    const simulator = await simulate(["answer", "echo"]);
    expect(await tollOf(exportWorkload(simulator, 50), "full")).toMatchObject(unharmed);
  },
);

test.runIf(missing === null)(
  "power cuts with --durability normal: results are lost, and the database is whole",
  async () => {
    const toll = await tollOf(storeWorkload(40), "normal");
    expect(toll).toMatchObject({ cuts: CUTS, corrupt: [] });
    expect(toll.lost).not.toEqual([]);
  },
);
