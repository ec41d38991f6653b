import type { RunOptions } from "../../config/run-options.ts";
import { Forecast } from "../../control/forecast.ts";
import { modelSent } from "../../domain/model-sent.ts";
import { poolOf, type RequestSettings, type Target } from "../../domain/request.ts";
import type { PriceBook } from "../../money/price-book.ts";
import { type BuildRequest, compileRequest } from "../../request/compile-request.ts";
import { chargingOf, limitsOf, pacedFor, slotsOf } from "../settings/limits.ts";
import { ModelTally } from "./model-tally.ts";
import { loadTokenCounter, type TokenCounter } from "./token-counter.ts";

export interface PartSettings {
  options: RunOptions;
  request: RequestSettings;
  prices: PriceBook;
  /** Whose prices hold for a target, as `priceProvider` has it. */
  pricesOf(target: Target): string | null;
  /** Wall clock, milliseconds: when the prices hold. */
  at: number;
  /** What a call is taken to last. */
  latencyMs: number;
  /** What an answer is taken to have, where its `max_tokens` allows it. */
  answerTokens: number;
  /** Counts input tokens by the model's tokenizer where there is one, which takes longer. */
  exact: boolean;
}

/** What one endpoint is sent of one model. */
interface Part {
  tally: ModelTally;
  build: BuildRequest;
  /** What is put in place of the row's own model; null for nothing. */
  model: string | null;
  /** Counts its tokens; null goes by the estimate. */
  counter: TokenCounter | null;
}

/** Some requests name no model, and leave it to the provider. */
const UNNAMED_MODEL = "the provider's own";

/** The parts of a plan, in the order in which the input names their models; begun when the first row asks for them. */
export class PlanParts {
  readonly #settings: PartSettings;
  readonly #pool: readonly Target[];
  /** By endpoint and what it is asked for. */
  readonly #parts = new Map<string, Part>();
  /** Who shares the rows that name a model. */
  readonly #sharing = new Map<string | null, readonly Part[]>();

  constructor(settings: PartSettings) {
    this.#settings = settings;
    this.#pool = poolOf(settings.request);
  }

  get all(): readonly ModelTally[] {
    return Array.from(this.#parts.values(), ({ tally }) => tally);
  }

  /** Of the pool, the part that can send a row's next call first; null where none serves the model that the row names. */
  async next(model: string | null): Promise<Part | null> {
    const parts = this.#sharing.get(model) ?? (await this.#share(model));
    return parts.reduce<Part | null>(
      (first, part) => (first !== null && first.tally.sentAt <= part.tally.sentAt ? first : part),
      null,
    );
  }

  async #share(model: string | null): Promise<readonly Part[]> {
    const parts: Part[] = [];
    for (const target of this.#pool) {
      const sent = modelSent(target, model);
      if (sent !== undefined) parts.push(await this.#partOf(target, sent));
    }
    this.#sharing.set(model, parts);
    return parts;
  }

  async #partOf(target: Target, model: string | null): Promise<Part> {
    const key = JSON.stringify([target.name, model]);
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const part = await this.#begin(target, model);
    this.#parts.set(key, part);
    return part;
  }

  async #begin(target: Target, sent: string | null): Promise<Part> {
    const { options, request, prices, pricesOf, at, latencyMs, answerTokens, exact } = this.#settings;
    const paced = pacedFor(target, options);
    const model = sent ?? UNNAMED_MODEL;
    return {
      tally: new ModelTally({
        model,
        endpoint: target.name,
        price: prices.find({ provider: pricesOf(target), model, tier: request.serviceTier, at }),
        forecast: new Forecast({
          limits: limitsOf(paced),
          charging: chargingOf(target),
          maxConcurrency: slotsOf(paced),
          latencyMs,
        }),
        answerTokens,
      }),
      build: compileRequest({ ...request, ...target }),
      model: sent,
      counter: exact ? await loadTokenCounter(model) : null,
    };
  }
}
