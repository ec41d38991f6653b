import type { ClaimedJob } from "../../src/domain/job.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { PreparedCall, Provider } from "../../src/ports/provider.ts";
import { outcomeOf } from "./outcome.ts";

/** How a scripted provider answers a call: at its end, by the clock. */
export type Script = (job: ClaimedJob, sentAt: number) => Outcome;

/** A provider whose answers are made up, and whose calls are counted. Each call takes `latencyMs` of the clock. */
export class ScriptedProvider implements Provider {
  readonly name = "scripted";
  readonly model = null;
  readonly endpoint: string;
  /** When each call was sent. */
  readonly sentAt: number[] = [];
  inFlight = 0;
  peakInFlight = 0;
  /** Outcomes given and not yet released. */
  held = 0;
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #script: Script;

  constructor(
    clock: Clock,
    latencyMs: number,
    script: Script = () => outcomeOf("succeeded"),
    endpoint = "test",
  ) {
    this.endpoint = endpoint;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#script = script;
  }

  prepare(job: ClaimedJob): PreparedCall {
    const charge = { inputTokens: 10, outputTokens: 10 };
    return { charge, send: (signal) => this.#send(job, signal), release: () => this.held-- };
  }

  async close(): Promise<void> {}

  #send(job: ClaimedJob, signal: AbortSignal): Promise<Outcome> {
    const sentAt = this.#clock.now();
    this.sentAt.push(sentAt);
    this.inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight);
    return new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        this.inFlight -= 1;
        this.held += 1;
        resolve(outcome);
      };
      const onAbort = (): void => end(outcomeOf("aborted"));
      const cancel = this.#clock.timer(sentAt + this.#latencyMs, () => end(this.#script(job, sentAt)));
      signal.addEventListener("abort", onAbort);
    });
  }
}
