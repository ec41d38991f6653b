import { expect, test } from "vitest";
import type { Durability } from "../../src/ports/store.ts";
import { cutPower, type Toll } from "../faults/power/cut-power.ts";
import { Tracer } from "../faults/power/tracer.ts";
import { exportWorkload } from "../faults/power/workloads/export.ts";
import { runWorkload } from "../faults/power/workloads/run.ts";
import { storeWorkload } from "../faults/power/workloads/store.ts";
import type { Workload } from "../faults/power/workloads/workload.ts";
import { whyNotPreloaded } from "../faults/preload.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { seeded } from "../helpers/seeded.ts";
import { at, simulate } from "../helpers/simulate.ts";

// The short form of `npm run test:power`.
const missing = whyNotPreloaded();
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
  "a run that was started with --durability normal is resumed with it, and says each time what that means",
  async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["answer", "echo"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "--durability", "normal"];
    const started = await runCli([...args, "--deadline", "1ms"], { cwd });
    const { ended, events } = await new Tracer(tempFolder()).trace(cwd, (env) =>
      runCli(["resume", "--deadline", "1m"], { cwd, env }),
    );
    expect(ended.code).toBe(0);
    for (const { stderr } of [started, ended]) expect(stderr).toMatch(/^--durability normal: .*power cut/m);
    const syncs = events.filter((event) => event.kind === "synced" && event.name.endsWith("-wal"));
    expect(syncs.length).toBeLessThan(20);
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
