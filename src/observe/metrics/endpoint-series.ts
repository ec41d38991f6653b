import type { Ending } from "../../domain/ending.ts";
import { toUsd } from "../../domain/nano-usd.ts";
import type { OutcomeKind } from "../../domain/outcome.ts";
import type { Usage } from "../../domain/usage.ts";
import { Bucketed, SECONDS, TOKENS } from "./bucketed.ts";
import type { Families, Labels } from "./families.ts";

const MS_PER_SECOND = 1_000;

/** What was counted of the calls of one endpoint. */
export class EndpointSeries {
  readonly #endpoint: Labels;
  readonly #called: Labels;
  readonly #durations = new Map<OutcomeKind, Bucketed>();
  readonly #wait = new Bucketed(SECONDS);
  readonly #usage = { input: new Bucketed(TOKENS), output: new Bucketed(TOKENS) };
  #cachedInputTokens = 0;
  #costNanoUsd = 0;
  #unpriced = 0;

  /** @param model that is asked for; empty where the API needs none */
  constructor(endpoint: string, { provider, model }: { provider: string; model: string }) {
    this.#endpoint = { endpoint };
    this.#called = { endpoint, gen_ai_provider_name: provider, gen_ai_request_model: model };
  }

  /** Counts a call that has ended. */
  ended({ outcome, timing }: Ending): void {
    this.#durationsOf(outcome.kind).add(timing.latencyMs / MS_PER_SECOND);
    this.#wait.add(timing.waitMs / MS_PER_SECOND);
    if (outcome.answer === null) return;
    this.#used(outcome.answer.usage);
    this.#costNanoUsd += outcome.costNanoUsd ?? 0;
    this.#unpriced += Number(outcome.costNanoUsd === null);
  }

  describe(families: Families): void {
    const endpoint = this.#endpoint;
    for (const [kind, seconds] of this.#durations) {
      const labels = { ...this.#called, error_type: kind === "succeeded" ? "" : kind };
      families.addHistogram("gen_ai_client_operation_duration_seconds", labels, seconds);
      families.add("llm_batch_attempts_total", { ...endpoint, kind }, seconds.count);
    }
    for (const [type, tokens] of Object.entries(this.#usage)) {
      families.addHistogram(
        "gen_ai_client_token_usage",
        { ...this.#called, gen_ai_token_type: type },
        tokens,
      );
      families.add("llm_batch_tokens_total", { ...endpoint, type }, tokens.sum);
    }
    families.add("llm_batch_tokens_total", { ...endpoint, type: "cached_input" }, this.#cachedInputTokens);
    families.addHistogram("llm_batch_wait_seconds", endpoint, this.#wait);
    families.add("llm_batch_cost_usd_total", endpoint, toUsd(this.#costNanoUsd));
    families.add("llm_batch_unpriced_answers_total", endpoint, this.#unpriced);
  }

  #used({ inputTokens, cachedInputTokens, outputTokens }: Usage): void {
    this.#usage.input.add(inputTokens);
    this.#usage.output.add(outputTokens);
    this.#cachedInputTokens += cachedInputTokens;
  }

  #durationsOf(kind: OutcomeKind): Bucketed {
    const known = this.#durations.get(kind);
    if (known) return known;
    const durations = new Bucketed(SECONDS);
    this.#durations.set(kind, durations);
    return durations;
  }
}
