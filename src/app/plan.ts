import type { RunOptions } from "../config/run-options.ts";
import { Forecast } from "../control/forecast.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Run, Source } from "../domain/run.ts";
import { type InputFile, importRun } from "../input/import.ts";
import type { PriceBook } from "../money/price-book.ts";
import type { ImportRow, NewRun, RunImport } from "../ports/store.ts";
import { compileRequest } from "../request/compile-request.ts";
import { answerCheckOf } from "./answer-check.ts";
import { limitsOf, slotsOf } from "./limits.ts";
import { type ModelPlan, ModelTally } from "./model-tally.ts";
import { loadTokenCounter, type TokenCounter } from "./token-counter.ts";

export interface PlanRequest {
  files: readonly InputFile[];
  options: RunOptions;
  request: RequestSettings;
  prices: PriceBook;
  /** Whose prices hold, as `priceProvider` has it. */
  provider: string | null;
  /** Wall clock, milliseconds: when the prices hold. */
  at: number;
  /** What a call is taken to last. */
  latencyMs: number;
  /** What an answer is taken to have, where its `max_tokens` allows it. */
  answerTokens: number;
  /** Counts input tokens by the model's tokenizer where there is one, which takes longer. */
  exact: boolean;
}

/** What a run would come to. Nothing is stored or sent. */
export interface Plan {
  rows: number;
  badRows: number;
  /** Each model's part, in the order in which the input names them. They are sent to side by side. */
  models: readonly ModelPlan[];
}

/**
 * Reads and checks the inputs as `run` does, and plays them through the limiter. Memory doesn't grow with their size.
 * @throws LlmBatchError for bad input, as `run`; TOKENIZER_MISSING
 */
export async function planRun(plan: PlanRequest): Promise<Plan> {
  const { files, options, request } = plan;
  await answerCheckOf(request);
  const tallies = new Tallies(plan);
  const sharing = { dedupe: options.dedupe, reuse: false };
  const newRun: NewRun = { fingerprint: "", request, options: {}, output: null, sharing };
  const store = { beginImport: async () => tallies };
  const { rows, bad } = await importRun({ inputs: files, newRun, options, store });
  return { rows, badRows: bad, models: tallies.end() };
}

/** Some requests name no model, and leave it to the provider. */
const UNNAMED_MODEL = "the provider's own";

/** The tally of a model, and what counts its tokens: null goes by the estimate. */
interface Part {
  tally: ModelTally;
  counter: TokenCounter | null;
}

/** An import that keeps of each row only what it adds to its model's tally. */
class Tallies implements RunImport {
  readonly #plan: PlanRequest;
  readonly #build;
  readonly #parts = new Map<string, Part>();

  constructor(plan: PlanRequest) {
    this.#plan = plan;
    this.#build = compileRequest(plan.request);
  }

  async append(_source: number, rows: readonly ImportRow[]): Promise<void> {
    const { request } = this.#plan;
    for (const { row, model, charge } of rows) {
      if (charge === null) continue;
      const name = model ?? request.model ?? UNNAMED_MODEL;
      const { tally, counter } = this.#parts.get(name) ?? (await this.#begin(name));
      tally.add(charge, counter && this.#count(counter, row, model), request.samples);
    }
  }

  #count(counter: TokenCounter, row: string, model: string | null): number | null {
    const { api, body } = this.#build(row, model);
    return counter.count(api, body);
  }

  async finish(sources: readonly Source[]): Promise<Run> {
    return {
      id: "",
      state: "open",
      fingerprint: "",
      sources,
      request: this.#plan.request,
      options: {},
      output: null,
      written: null,
      createdAt: 0,
      finishedAt: null,
    };
  }

  async discard(): Promise<void> {
    this.#parts.clear();
  }

  end(): ModelPlan[] {
    return [...this.#parts.values()].map(({ tally }) => tally.end());
  }

  async #begin(model: string): Promise<Part> {
    const { options, request, prices, provider, at, latencyMs, answerTokens, exact } = this.#plan;
    const limits = limitsOf(options);
    const part: Part = {
      tally: new ModelTally({
        model,
        price: prices.find({ provider, model, tier: request.serviceTier, at }),
        forecast: new Forecast({ limits, maxConcurrency: slotsOf(options), latencyMs }),
        answerTokens,
      }),
      counter: exact ? await loadTokenCounter(model) : null,
    };
    this.#parts.set(model, part);
    return part;
  }
}
