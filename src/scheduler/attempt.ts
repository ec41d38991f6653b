import { decide, type RetryRules } from "../control/decide.ts";
import { type Gate, GateClosed } from "../control/gate.ts";
import type { Permit } from "../control/permit.ts";
import type { Ending } from "../domain/ending.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { Clock } from "../ports/clock.ts";
import type { PreparedCall, Provider } from "../ports/provider.ts";
import type { Random } from "../ports/random.ts";

export interface AttemptContext {
  gate: Gate;
  provider: Provider;
  rules: RetryRules;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** Called when leave to send was given, before the call. */
  onAdmitted(): void;
}

/** One attempt: leave from the gate, one call, one decision. Null when the gate closed before the call was sent. */
export async function attempt(
  job: ClaimedJob,
  slotFreeAt: number,
  context: AttemptContext,
): Promise<Ending | null> {
  const call = context.provider.prepare(job);
  const permit = await admission(job, call, context.gate);
  if (!permit) return null;
  context.onAdmitted();
  return send(job, call, permit, slotFreeAt, context);
}

async function admission(job: ClaimedJob, call: PreparedCall, gate: Gate): Promise<Permit | null> {
  try {
    return await gate.admit(job, call.charge);
  } catch (error) {
    if (error instanceof GateClosed) return null;
    throw error;
  }
}

async function send(
  job: ClaimedJob,
  call: PreparedCall,
  permit: Permit,
  slotFreeAt: number,
  { gate, rules, clock, random, signal }: AttemptContext,
): Promise<Ending> {
  const sentAt = clock.wall();
  const sentNow = clock.now();
  const outcome = await call.send(signal);
  const latencyMs = clock.now() - sentNow;
  gate.settle(permit, outcome);
  const decision = decide(job, outcome, rules, clock.wall(), random);
  return { job, outcome, decision, timing: { sentAt, latencyMs, waitMs: sentNow - slotFreeAt, slotFreeAt } };
}
