import type { Run } from "../domain/run.ts";
import type { StopReason } from "../domain/stop-reason.ts";
import type { Store } from "../ports/store.ts";

/** Puts on record why a run stops. Where the database doesn't take it, the user is told all the same. */
export async function recordStop(store: Store, run: Run, reason: StopReason): Promise<void> {
  await store.noteStop(run.id, reason).catch(() => {});
}
