import { stopAhead } from "../../app/stop-ahead.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import type { StopReason } from "../../domain/stop-reason.ts";
import type { Look } from "../../observe/status.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { stepsAfter } from "../summary/next.ts";
import { flagged, type Step } from "../summary/steps.ts";
import { stepsWhenStopped } from "../text/status-text.ts";
import { resumeOptions } from "./resume-run.ts";

/**
 * What can be done about a run that no process works on, as the summary and `status` tell it.
 * @param flags that the commands need, with a space before each
 */
export async function adviceOn(
  invocation: Invocation,
  store: StoreReader,
  { run, look, flags }: { run: Run; look: Look; flags: string },
): Promise<Step[]> {
  const { status } = look;
  if (status.state === "finished" || status.state === "cancelled")
    return flagged(stepsAfter({ status, output: null }), flags);
  if (status.state !== "stopped") return [];
  const end = await endAhead(invocation, store, run);
  return flagged(stepsWhenStopped(run, look, end), flags);
}

/**
 * Why a stopped run would stop at once if it were resumed; null where it would go on. Null where its settings are wrong, too:
 * that is for `resume` to say.
 */
export async function endAhead(
  invocation: Invocation,
  store: StoreReader,
  run: Run,
): Promise<StopReason | null> {
  try {
    return await stopAhead(store, run, resumeOptions(invocation, run), invocation.context.clock);
  } catch (error) {
    if (error instanceof LlmBatchError) return null;
    throw error;
  }
}
