import type { Forecast, ForecastResult } from "../../control/forecast.ts";
import { type Charge, plainUsage } from "../../domain/usage.ts";
import type { Price } from "../../money/price.ts";

/** What calls may cost in all, in nano-USD. */
export interface CostRange {
  /** For the input alone, nothing of it cached. */
  least: number;
  /** With answers as long as they are taken to be. */
  typical: number;
  /** With answers as long as `max_tokens` lets them be; null where some call has none. */
  most: number | null;
}

/** Figures of all calls to one model. */
export interface ModelPlan {
  model: string;
  /** The endpoint's name. */
  endpoint: string;
  calls: number;
  /** Calls whose input was counted by the model's tokenizer; that of the others is estimated. */
  countedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** Null where a call's price isn't known. */
  cost: CostRange | null;
  /** Where the price is from, and what the model is called there; null where it is unknown. */
  price: Pick<Price, "source" | "model"> | null;
  forecast: ForecastResult;
}

interface TallySettings {
  model: string;
  endpoint: string;
  price: Price | null;
  forecast: Forecast;
  /** What an answer is taken to have, where its `max_tokens` allows it. */
  answerTokens: number;
}

/** Adds up the calls to one model, without keeping them. */
export class ModelTally {
  readonly #settings: TallySettings;
  #calls = 0;
  #countedCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cost: CostRange | null;

  constructor(settings: TallySettings) {
    this.#settings = settings;
    this.#cost = settings.price && { least: 0, typical: 0, most: 0 };
  }

  /** When the last call would be sent, in milliseconds from the start. */
  get sentAt(): number {
    return this.#settings.forecast.sentAt;
  }

  /**
   * Adds a call.
   * @param charge its estimate; `outputTokens` as `max_tokens`, or 0 where that isn't set
   * @param counted its input tokens as the tokenizer counts them; null where it doesn't
   */
  add(charge: Charge, counted: number | null): void {
    const inputTokens = counted ?? charge.inputTokens;
    const outputTokens = this.#answerTokens(charge);
    this.#settings.forecast.add(charge, outputTokens);
    this.#calls += 1;
    if (counted !== null) this.#countedCalls += 1;
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
    this.#addCost({ inputTokens, outputTokens: charge.outputTokens }, outputTokens);
  }

  end(): ModelPlan {
    const { model, endpoint, price, forecast } = this.#settings;
    return {
      model,
      endpoint,
      calls: this.#calls,
      countedCalls: this.#countedCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cost: this.#cost,
      price: price && { source: price.source, model: price.model },
      forecast: forecast.end(),
    };
  }

  #answerTokens({ outputTokens: maxTokens }: Charge): number {
    const { price, answerTokens } = this.#settings;
    if (price?.hasOutput === false) return 0;
    return maxTokens === 0 ? answerTokens : Math.min(answerTokens, maxTokens);
  }

  #addCost(charge: Charge, outputTokens: number): void {
    const { price } = this.#settings;
    const sum = this.#cost;
    if (price === null || sum === null) return;
    const least = price.cost(plainUsage(charge.inputTokens, 0));
    const typical = price.cost(plainUsage(charge.inputTokens, outputTokens));
    if (least === null || typical === null) {
      this.#cost = null;
      return;
    }
    const most = price.mostCost(charge);
    sum.least += least;
    sum.typical += typical;
    sum.most = sum.most === null || most === null ? null : sum.most + most;
  }
}
