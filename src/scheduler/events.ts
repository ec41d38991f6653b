import type { GateEvent } from "../control/gate.ts";
import type { Ending } from "../domain/ending.ts";
import type { Rescue } from "../ports/store.ts";
import type { StopReason } from "./stop.ts";

/** What happens in a drain, told as it happens. Observers draw, count or log it; none of them can change it. */
export type RunEvent =
  | { type: "rescued"; rescue: Rescue }
  /** The attempt is committed. */
  | { type: "recorded"; ending: Ending; endpoint: string }
  /** The answer came too late: the job had been cancelled or taken over. */
  | { type: "superseded"; ending: Ending; endpoint: string }
  | { type: "gate"; endpoint: string; event: GateEvent }
  /** Failures that were an outage's were given back; `revived` rows had failed for good and are pending again. */
  | { type: "forgiven"; failures: number; revived: number }
  | { type: "stopping"; reason: StopReason; inFlight: number };

export type Observer = (event: RunEvent) => void;
