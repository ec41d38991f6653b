import type { BreakerSettings, Limits } from "../control/limits.ts";
import type { Charge, ChargingProfile } from "../domain/usage.ts";
import type { Provider } from "../ports/provider.ts";

/** Where jobs can go: one endpoint with one model, and how it may be used. */
export interface Outlet {
  provider: Provider;
  /** 0 for the pool that gets every row first; n for the n-th to fall back on. */
  stage: number;
  /** The models, as rows name them, that it serves; null stands for rows that name none. */
  models: readonly (string | null)[];
  limits: Limits;
  charging: ChargingProfile;
  breaker: BreakerSettings;
  /** What a call costs at most, in nano-USD; gives null where nothing bounds its answer. Null where no price is known. */
  mostCost: ((charge: Charge) => number | null) | null;
  /** Slots: calls in flight at most. */
  concurrency: number;
}
