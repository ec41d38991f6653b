import type { GateEvent } from "../../control/gate-event.ts";
import { compact } from "../../domain/compact-histogram.ts";
import type { Ending } from "../../domain/ending.ts";
import { bucketOf } from "../../domain/histogram.ts";
import { type BreakerMove, emptySpan, FINEST_MS, type HistorySpan, NO_SUMS } from "../../domain/history.ts";
import type { OutcomeKind } from "../../domain/outcome.ts";

/** The span of a run's history that is under way. */
export class OpenSpan {
  readonly at: number;
  readonly #ended: Partial<Record<OutcomeKind, number>> = {};
  readonly #latency = new Map<number, number>();
  readonly #wait = new Map<number, number>();
  readonly #breakers: BreakerMove[] = [];
  readonly #sum = { ...NO_SUMS };

  constructor(at: number) {
    this.at = at;
  }

  /** Counts a call that has ended; `counts` says that its job was still ours. */
  ended({ outcome, decision, timing }: Ending, counts: boolean): void {
    this.#ended[outcome.kind] = (this.#ended[outcome.kind] ?? 0) + 1;
    count(this.#latency, timing.latencyMs);
    count(this.#wait, timing.waitMs);
    if (counts && decision.state !== "pending") this.#sum[decision.state] += 1;
    if (!outcome.answer) return;
    const { inputTokens, cachedInputTokens, outputTokens } = outcome.answer.usage;
    this.#sum.inputTokens += inputTokens;
    this.#sum.cachedInputTokens += cachedInputTokens;
    this.#sum.outputTokens += outputTokens;
    this.#sum.costNanoUsd += outcome.costNanoUsd ?? 0;
    this.#sum.unpriced += Number(outcome.costNanoUsd === null);
  }

  /** Notes what a gate tells, where it is a move of its breaker. */
  moved(endpoint: string, event: GateEvent, wallMs: number): void {
    const state = event.type === "opened" ? "open" : event.type;
    switch (state) {
      case "open":
      case "half-open":
      case "ramping":
      case "closed":
      case "blocked":
        this.#breakers.push({ at: wallMs, endpoint, state, reason: reasonOf(event) });
    }
  }

  /** @param sent calls that were let go in it */
  close(sent: number): HistorySpan {
    return {
      ...emptySpan(this.at, FINEST_MS),
      ...this.#sum,
      sent,
      ended: this.#ended,
      latency: compact(this.#latency),
      wait: compact(this.#wait),
      breakers: this.#breakers,
    };
  }
}

/** Codes alone: a breaker's message may hold a provider's own words. */
function reasonOf(event: GateEvent): string | null {
  if (event.type === "opened") return event.reason;
  return event.type === "blocked" ? event.by : null;
}

function count(counts: Map<number, number>, ms: number): void {
  const bucket = bucketOf(ms);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}
