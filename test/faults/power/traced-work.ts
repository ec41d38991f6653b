import type { Durability } from "../../../src/ports/store.ts";
import { parseResults } from "../../helpers/rows.ts";
import { Acknowledged } from "./acknowledged.ts";
import { Disk } from "./disk.ts";
import { differences, type Folder, readFolder } from "./folder.ts";
import type { TraceEvent } from "./trace.ts";
import type { Tracer } from "./tracer.ts";
import type { Stage, Workload } from "./workloads/workload.ts";
import { wrongRows } from "./wrong-rows.ts";

/** A workload that was done once, undisturbed, and all that it did to its folder. */
export interface TracedWork {
  stage: Stage;
  /** What was in the folder before. */
  before: Folder;
  events: readonly TraceEvent[];
  /** The results file before and after; null where there was none. */
  results: { before: string | null; after: string | null };
}

/** @throws Error where the work fails, or the trace doesn't tell all of it: then its power cuts would prove nothing */
export async function traceWork(
  { stage: prepare, name }: Workload,
  { tracer, cwd, durability }: { tracer: Tracer; cwd: string; durability: Durability },
): Promise<TracedWork> {
  const stage = await prepare(cwd);
  const before = readFolder(cwd);
  const { ended, events } = await tracer.trace(cwd, (env) => stage.work(durability, env));
  if (ended.code !== 0) throw new Error(`${name} ended with ${ended.code}: ${ended.stderr}`);
  const after = readFolder(cwd);
  refuseGaps(events, before, after);
  refuseSilence(events, stage);
  const results = { before: resultsIn(before), after: resultsIn(after) };
  const wrong = results.after === null ? [] : wrongRows(stage.prompts, parseResults(results.after));
  if (wrong.length > 0) throw new Error(`${name}: ${wrong[0]}`);
  return { stage, before, events, results };
}

function resultsIn(folder: Folder): string | null {
  return folder.get("results.jsonl")?.toString() ?? null;
}

/** What was traced, done to the folder as it was, must give the folder as it is. */
function refuseGaps(events: readonly TraceEvent[], before: Folder, after: Folder): void {
  const disk = new Disk(before);
  for (const event of events) disk.apply(event);
  const missed = differences(disk.whole(), after);
  if (missed.length > 0) throw new Error(`the trace doesn't tell all that was done to ${missed.join(", ")}`);
}

function refuseSilence(events: readonly TraceEvent[], stage: Stage): void {
  const acknowledged = new Acknowledged(stage.recordedBefore);
  for (const event of events) if (event.kind === "told") stage.hear(event.text, acknowledged);
  if (!stage.isAll(acknowledged)) throw new Error("the trace doesn't tell all that was acknowledged");
}
