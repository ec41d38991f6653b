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

/** An attempt that was made. Once its ending is recorded, the permit is settled: until then it is in flight. */
export interface Attempted {
  ending: Ending;
  permit: Permit;
}

/** One attempt: leave from the gate, one call, one decision. Null when the gate closed before the call was sent. */
export async function attempt(
  job: ClaimedJob,
  slotFreeAt: number,
  { gate, provider, rules, clock, random, signal, onAdmitted }: AttemptContext,
): Promise<Attempted | null> {
  const call = provider.prepare(job);
  const permit = await admission(job, call, gate);
  if (!permit) return null;
  onAdmitted();
  const sentAt = clock.wall();
  const sentNow = clock.now();
  const outcome = await call.send(signal);
  const latencyMs = clock.now() - sentNow;
  const decision = decide(job, outcome, rules, clock.wall(), random);
  const timing = { sentAt, latencyMs, waitMs: sentNow - slotFreeAt, slotFreeAt };
  return { ending: { job, outcome, decision, timing }, permit };
}

async function admission(job: ClaimedJob, call: PreparedCall, gate: Gate): Promise<Permit | null> {
  try {
    return await gate.admit(job, call.charge);
  } catch (error) {
    if (error instanceof GateClosed) return null;
    throw error;
  }
}
