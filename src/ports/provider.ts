import type { ClaimedJob } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Charge } from "../domain/usage.ts";

/** A job's request, built and ready to go. */
export interface PreparedCall {
  /**
   * A first guess of what the call will be charged, before anything was learned: input from the size of the request,
   * output from `max_tokens` where it is set, else 0.
   */
  readonly charge: Charge;
  /**
   * Makes exactly one call. Whatever the provider or the network does is an {@link Outcome}; it only throws on a bug.
   * Aborting `signal` ends it as `aborted`.
   */
  send(signal: AbortSignal): Promise<Outcome>;
  /** Says that the outcome is on record: what its body takes in memory is there for other calls. */
  release(): void;
}

/** An endpoint to the scheduler: something that turns a job into an outcome. */
export interface Provider {
  /** Who answers, for people: the provider's name, or the host where it has none. */
  readonly name: string;
  /** Names the thing that has a quota and a breaker: base URL, key fingerprint and model. Holds no key. */
  readonly endpoint: string;
  /** The model it is asked for; null where its API needs none. */
  readonly model: string | null;
  /** Builds the request; rows were checked at import, so it throws only on a bug. */
  prepare(job: ClaimedJob): PreparedCall;
  close(): Promise<void>;
}
