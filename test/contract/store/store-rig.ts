import type { ClaimedJob } from "../../../src/domain/job.ts";
import type { Store } from "../../../src/ports/store.ts";
import type { Spool } from "../../../src/store/spool.ts";
import type { ManualClock } from "../../helpers/manual-clock.ts";

/** One job table that a test may open as often as it likes, as different processes would. */
export interface StoreRig {
  clock: ManualClock;
  /**
   * Opened stores are closed after the test.
   * @param stateFolders where they keep what can't be written. Default: nowhere
   */
  open(options?: { stateFolders?: readonly string[] }): Promise<Store>;
  /** What is spooled in a folder is found by whoever opens the job table with it. */
  spool(folder: string): Spool;
  /** Lets the others take who has claimed a job for dead, as one that slept for too long. */
  takeForDead(job: ClaimedJob): Promise<void>;
  /** Who has claimed a job, as the job table names it. */
  ownerOf(job: ClaimedJob): Promise<number>;
}

export type NewStoreRig = () => StoreRig;
