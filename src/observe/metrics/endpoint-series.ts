import type { Counter, Histogram } from "prom-client";
import type { Ending } from "../../domain/ending.ts";
import { toUsd } from "../../domain/nano-usd.ts";
import type { OutcomeKind } from "../../domain/outcome.ts";
import type { Usage } from "../../domain/usage.ts";
import type { Instruments } from "./instruments.ts";

const MS_PER_SECOND = 1_000;

/** Calls that ended in one way. */
interface KindSeries {
  attempts: Counter.Internal;
  duration: Histogram.Internal<string>;
}

/** The series of one endpoint, looked up once: a call is counted many thousand times. */
export class EndpointSeries {
  readonly #instruments: Instruments;
  readonly #labels: { endpoint: string; gen_ai_provider_name: string };
  readonly #wait;
  readonly #tokens;
  readonly #usage;
  readonly #cost;
  readonly #unpriced;
  readonly #byKind = new Map<OutcomeKind, KindSeries>();

  constructor(instruments: Instruments, endpoint: string, provider: string) {
    this.#instruments = instruments;
    this.#labels = { endpoint, gen_ai_provider_name: provider };
    this.#wait = instruments.wait.labels({ endpoint });
    this.#tokens = {
      input: instruments.tokens.labels({ endpoint, type: "input" }),
      cached: instruments.tokens.labels({ endpoint, type: "cached_input" }),
      output: instruments.tokens.labels({ endpoint, type: "output" }),
    };
    this.#usage = {
      input: instruments.tokenUsage.labels({ ...this.#labels, gen_ai_token_type: "input" }),
      output: instruments.tokenUsage.labels({ ...this.#labels, gen_ai_token_type: "output" }),
    };
    this.#cost = instruments.cost.labels({ endpoint });
    this.#unpriced = instruments.unpriced.labels({ endpoint });
  }

  /** Counts a call that has ended. */
  ended({ outcome, timing }: Ending): void {
    const { attempts, duration } = this.#seriesOf(outcome.kind);
    attempts.inc();
    duration.observe(timing.latencyMs / MS_PER_SECOND);
    this.#wait.observe(timing.waitMs / MS_PER_SECOND);
    if (outcome.answer === null) return;
    this.#used(outcome.answer.usage);
    if (outcome.costNanoUsd === null) this.#unpriced.inc();
    else this.#cost.inc(toUsd(outcome.costNanoUsd));
  }

  #used({ inputTokens, cachedInputTokens, outputTokens }: Usage): void {
    this.#tokens.input.inc(inputTokens);
    this.#tokens.cached.inc(cachedInputTokens);
    this.#tokens.output.inc(outputTokens);
    this.#usage.input.observe(inputTokens);
    this.#usage.output.observe(outputTokens);
  }

  #seriesOf(kind: OutcomeKind): KindSeries {
    const known = this.#byKind.get(kind);
    if (known) return known;
    const { endpoint } = this.#labels;
    const series = {
      attempts: this.#instruments.attempts.labels({ endpoint, kind }),
      duration: this.#instruments.duration.labels({
        ...this.#labels,
        error_type: kind === "succeeded" ? "" : kind,
      }),
    };
    this.#byKind.set(kind, series);
    return series;
  }
}
