import type { Store } from "../ports/store.ts";
import type { Budgets } from "./budget-watch.ts";
import { mostCostInDoubt } from "./doubt-cost.ts";
import type { RunEvent } from "./events.ts";

interface TakeOver {
  store: Pick<Store, "recover" | "rescue">;
  run: string;
  budgets: Budgets;
  tell(event: Extract<RunEvent, { type: "recovered" | "rescued" }>): void;
}

/** Takes over what processes left that died. The spool comes first: calls whose answers are in it aren't in doubt. */
export async function takeOver({ store, run, budgets, tell }: TakeOver): Promise<void> {
  await recordSpool({ store, tell });
  const rescue = await store.rescue();
  if (rescue.jobs === 0) return;
  tell({ type: "rescued", rescue, mostNanoUsd: mostCostInDoubt(rescue, run, budgets.mostCost) });
}

/** @throws what is wrong with a database that still can't take it */
export async function recordSpool({ store, tell }: Pick<TakeOver, "store" | "tell">): Promise<void> {
  const recovered = await store.recover();
  if (recovered.recorded + recovered.late > 0) tell({ type: "recovered", recovered });
}
