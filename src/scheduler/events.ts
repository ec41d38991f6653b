import type { Closure } from "../control/budget/account.ts";
import type { GateEvent } from "../control/gate-event.ts";
import type { Ending } from "../domain/ending.ts";
import type { StopReason } from "../domain/stop-reason.ts";
import type { Recovered, Rescue } from "../ports/store.ts";

/** What happens in a drain, told as it happens. Observers draw, count or log it; none of them can change it. */
export type RunEvent =
  | { type: "rescued"; rescue: Rescue; mostNanoUsd: number | null }
  /** The attempt is committed. */
  | { type: "recorded"; ending: Ending; endpoint: string }
  /** The answer came too late: the job had been cancelled or taken over. */
  | { type: "superseded"; ending: Ending; endpoint: string }
  /** The database failed: the answer is kept on this machine, and recorded later. */
  | { type: "spooled"; ending: Ending; endpoint: string }
  /** Answers that an earlier process here had to keep are on record, or came too late for their rows. */
  | { type: "recovered"; recovered: Recovered }
  | { type: "gate"; endpoint: string; event: GateEvent }
  /** Failures that were an outage's were given back; `revived` rows had failed for good and are pending again. */
  | { type: "forgiven"; failures: number; revived: number }
  /** A budget of the run (group null) or of a group is used up: nothing of it is sent until then. */
  | { type: "over_budget"; group: string | null; closure: Closure }
  /** The rows of a group that were pending have failed, as it is over its budget. */
  | { type: "group_failed"; group: string; code: string; rows: number }
  | { type: "stopping"; reason: StopReason; inFlight: number };

export type Observer = (event: RunEvent) => void;
