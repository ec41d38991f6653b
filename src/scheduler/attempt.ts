import { decide, type RetryRules } from "../control/decide.ts";
import type { Gate } from "../control/gate.ts";
import type { Decision } from "../domain/ending.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import type { BudgetWatch } from "./budget-watch.ts";
import type { Observer } from "./events.ts";
import type { Outlet } from "./outlet.ts";

export interface AttemptContext {
  store: Pick<Store, "record" | "release">;
  gate: Gate;
  outlet: Outlet;
  budget: BudgetWatch;
  rules: RetryRules;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  observe: Observer;
  /** The stage that takes a job over that would fail for good; null where there is none. */
  stageAfter(job: ClaimedJob): number | null;
  /** Whether another endpoint could take the job, now or later. */
  hasPeer(): boolean;
  /** Called when leave to send was given, before the call. */
  onAdmitted(): void;
}

/**
 * One attempt: budget and gate give leave, one call is sent, its outcome is decided on and recorded; until then it is in flight. If
 * budget or gate refuse, nothing is sent and the job goes back.
 */
export async function attempt(job: ClaimedJob, slotFreeAt: number, context: AttemptContext): Promise<void> {
  const { store, gate, outlet, budget, clock } = context;
  const { provider } = outlet;
  const call = provider.prepare(job);
  if (budget.hasLimits) await budget.refresh();
  const hold = budget.take(job, call.charge, outlet);
  if (!hold) return store.release([job]);
  const permit = await gate.admit(job, call.charge);
  if (!permit) {
    budget.settle(hold, null);
    return store.release([job]);
  }
  context.onAdmitted();
  const sentAt = clock.wall();
  const sentNow = clock.now();
  const outcome = await call.send(context.signal);
  gate.answered(permit);
  const ending = {
    job,
    outcome,
    decision: decisionOn(job, outcome, context),
    timing: { sentAt, latencyMs: clock.now() - sentNow, waitMs: sentNow - slotFreeAt, slotFreeAt },
    estimate: hold.estimate,
    provider: provider.name,
  };
  const type = await store.record(ending);
  call.release();
  context.observe({ type, ending, endpoint: provider.endpoint });
  // Only now: a trip gives failures back, and can give back only what is recorded.
  budget.settle(hold, outcome);
  gate.settle(permit, outcome);
}

/**
 * The decision in view of other endpoints: what would fail for good goes to the next stage, and a job that was refused doesn't wait as
 * long as the provider asked for if another endpoint can take it.
 */
function decisionOn(
  job: ClaimedJob,
  outcome: Outcome,
  { rules, clock, random, stageAfter, hasPeer }: AttemptContext,
): Decision {
  const { kind } = outcome;
  const isRefused = kind === "throttled" || kind === "exhausted" || kind === "blocked";
  const heeded = isRefused && hasPeer() ? { ...outcome, retryAfterMs: null } : outcome;
  const decision = decide(job, heeded, rules, { wallMs: clock.wall(), random });
  const toStage = decision.state === "failed" ? stageAfter(job) : null;
  if (toStage === null) return decision;
  return { ...decision, state: "pending", availableAt: clock.wall(), toStage };
}
