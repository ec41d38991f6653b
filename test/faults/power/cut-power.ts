import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../../src/ports/random.ts";
import type { Durability } from "../../../src/ports/store.ts";
import { Acknowledged } from "./acknowledged.ts";
import { Disk } from "./disk.ts";
import { type Folder, writeFolder } from "./folder.ts";
import { inspectFolder } from "./inspect.ts";
import { chooseMoments } from "./moments.ts";
import { type TracedWork, traceWork } from "./traced-work.ts";
import { Tracer } from "./tracer.ts";
import type { Workload } from "./workloads/workload.ts";

/** What came of the power cuts of one workload. */
export interface Toll {
  cuts: number;
  /** Cuts after which something acknowledged was not there. */
  cutsWithLoss: number;
  /** What was acknowledged and not there, over all cuts. */
  lost: string[];
  /** What was broken, which no loss of what was not synced may bring about. */
  corrupt: string[];
  /** Cuts after which the work was taken up and ended. */
  wentOn: number;
}

export interface PowerCuts {
  /** An empty folder, for the work and the trace of it. */
  folder: string;
  durability: Durability;
  cuts: number;
  /** After so many of them the work goes on to its end, where it can. */
  goOn: number;
  random: Random;
}

/**
 * Traces the work once, then cuts its power again and again: puts into its folder what a cut at some moment may leave, and
 * looks at it as the next process does.
 * @throws Error as `traceWork`
 */
export async function cutPower(workload: Workload, request: PowerCuts): Promise<Toll> {
  const { folder, durability, cuts, goOn, random } = request;
  const cwd = join(folder, "work");
  mkdirSync(cwd);
  const work = await traceWork(workload, { tracer: new Tracer(folder), cwd, durability });
  const toll: Toll = { cuts: 0, cutsWithLoss: 0, lost: [], corrupt: [], wentOn: 0 };
  const every = Math.floor(cuts / goOn);
  for (const afterCut of filesAfterCuts(work, cuts, random)) {
    await inspectCut(work, cwd, afterCut, toll);
    if (toll.cuts % every === 0) await goOnAfter(work, cwd, afterCut, toll);
  }
  return toll;
}

async function inspectCut(
  { stage, results }: TracedWork,
  cwd: string,
  { files, acknowledged }: AfterCut,
  toll: Toll,
): Promise<void> {
  writeFolder(cwd, files);
  const { corrupt, lost } = await inspectFolder(cwd, { ...stage, acknowledged, results });
  toll.cuts += 1;
  toll.cutsWithLoss += Number(lost.length > 0);
  toll.corrupt.push(...corrupt);
  toll.lost.push(...lost);
}

/** The inspection has changed the folder, so it is made once more. */
async function goOnAfter(
  { stage }: TracedWork,
  cwd: string,
  { files, acknowledged }: AfterCut,
  toll: Toll,
): Promise<void> {
  if (stage.goOn === undefined) return;
  writeFolder(cwd, files);
  toll.corrupt.push(...(await stage.goOn(acknowledged)));
  toll.wentOn += 1;
}

interface AfterCut {
  files: Folder;
  acknowledged: Acknowledged;
}

function* filesAfterCuts(
  { stage, before, events }: TracedWork,
  cuts: number,
  random: Random,
): Generator<AfterCut> {
  const disk = new Disk(before);
  const acknowledged = new Acknowledged(stage.recordedBefore);
  let happened = 0;
  for (const moment of chooseMoments(events, cuts, random)) {
    for (const event of events.slice(happened, moment)) {
      disk.apply(event);
      if (event.kind === "told") stage.hear(event.text, acknowledged);
    }
    happened = moment;
    yield { files: disk.afterCut(random), acknowledged };
  }
}
