import { decide, type RetryRules } from "../control/decide.ts";
import type { Gate } from "../control/gate.ts";
import type { Permit } from "../control/permit.ts";
import type { Decision, Ending } from "../domain/ending.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Clock } from "../ports/clock.ts";
import type { PreparedCall } from "../ports/provider.ts";
import type { Random } from "../ports/random.ts";
import type { BudgetHold, BudgetWatch } from "./budget-watch.ts";
import type { Outlet } from "./outlet.ts";

export interface AttemptContext {
  gate: Gate;
  outlet: Outlet;
  budget: BudgetWatch;
  rules: RetryRules;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** The stage that takes a job over that would fail for good; null where there is none. */
  stageAfter(job: ClaimedJob): number | null;
  /** Whether another endpoint could take the job now. */
  hasRelief(): boolean;
  /** Called when leave to send was given, before the call. */
  onAdmitted(): void;
}

/** An attempt that was made. Once its ending is recorded, the permit is settled: until then it is in flight. */
export interface Attempted {
  ending: Ending;
  permit: Permit;
  hold: BudgetHold;
  call: PreparedCall;
}

/** One attempt: leave from budget and gate, one call, one decision. Null when either refused: nothing was sent. */
export async function attempt(
  job: ClaimedJob,
  slotFreeAt: number,
  context: AttemptContext,
): Promise<Attempted | null> {
  const { gate, outlet, budget, rules, clock, random, signal, onAdmitted } = context;
  const { provider } = outlet;
  const call = provider.prepare(job);
  if (budget.hasLimits) await budget.refresh();
  const hold = budget.take(job, call.charge, outlet);
  if (!hold) return null;
  const permit = await gate.admit(job, call.charge);
  if (!permit) {
    budget.settle(hold, null);
    return null;
  }
  onAdmitted();
  const sentAt = clock.wall();
  const sentNow = clock.now();
  const outcome = await call.send(signal);
  const latencyMs = clock.now() - sentNow;
  const decision = handOn(decide(job, outcome, rules, clock.wall(), random), context, job, outcome);
  const timing = { sentAt, latencyMs, waitMs: sentNow - slotFreeAt, slotFreeAt };
  const { estimate } = hold;
  return {
    ending: { job, outcome, decision, timing, estimate, provider: provider.name },
    permit,
    hold,
    call,
  };
}

/** What another endpoint makes of it: a failure for good is the next stage's, and a refusal holds no job back. */
function handOn(
  decision: Decision,
  { stageAfter, hasRelief, clock }: AttemptContext,
  job: ClaimedJob,
  { kind }: Outcome,
): Decision {
  const toStage = decision.state === "failed" ? stageAfter(job) : null;
  const isRefused = kind === "throttled" || kind === "exhausted" || kind === "blocked";
  if (toStage === null && !(isRefused && hasRelief())) return decision;
  const now: Decision = { ...decision, state: "pending", availableAt: clock.wall() };
  return toStage === null ? now : { ...now, toStage };
}
