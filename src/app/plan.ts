import type { RunOptions } from "../config/run-options.ts";
import { type Forecast, forecast } from "../control/forecast.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Run, Source } from "../domain/run.ts";
import type { Charge } from "../domain/usage.ts";
import { type InputFile, importRun } from "../input/import.ts";
import type { ImportRow, NewRun, RunImport } from "../ports/store.ts";
import { compileRequest } from "../request/compile-request.ts";
import { limitsOf, slotsOf } from "./limits.ts";

export interface PlanRequest {
  files: readonly InputFile[];
  options: RunOptions;
  request: RequestSettings;
  /** What a call is taken to last. */
  latencyMs: number;
  /** What an answer is taken to have. */
  outputTokens: number;
}

/** What a run would come to. Nothing is stored or sent. */
export interface Plan {
  rows: number;
  badRows: number;
  inputTokens: number;
  outputTokens: number;
  forecast: Forecast;
}

/**
 * Reads and checks the inputs as `run` does, and plays them through the limiter.
 * @throws LlmBatchError for bad input, as `run`
 */
export async function planRun({
  files,
  options,
  request,
  latencyMs,
  outputTokens,
}: PlanRequest): Promise<Plan> {
  const estimates = new Estimates(request);
  const newRun: NewRun = { fingerprint: "", request, options: {}, output: null };
  const store = { beginImport: async () => estimates };
  const { rows, bad } = await importRun({ inputs: files, newRun, options, store });
  const { charges } = estimates;
  const answers = charges.length * outputTokens;
  return {
    rows,
    badRows: bad,
    inputTokens: charges.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: answers,
    forecast: forecast({
      charges,
      limits: limitsOf(options),
      maxConcurrency: slotsOf(options),
      latencyMs,
      outputTokens,
    }),
  };
}

/** An import that keeps of each row only what its call would be charged. */
class Estimates implements RunImport {
  readonly charges: Charge[] = [];
  readonly #request: RequestSettings;
  readonly #build;

  constructor(request: RequestSettings) {
    this.#request = request;
    this.#build = compileRequest(request);
  }

  async append(_source: number, rows: readonly ImportRow[]): Promise<void> {
    for (const { row, model, error } of rows) {
      if (error === null) this.charges.push(this.#build(row, model).charge);
    }
  }

  async finish(sources: readonly Source[]): Promise<Run> {
    return {
      id: "",
      state: "open",
      fingerprint: "",
      sources,
      request: this.#request,
      options: {},
      output: null,
      written: null,
      createdAt: 0,
      finishedAt: null,
    };
  }

  async discard(): Promise<void> {
    this.charges.length = 0;
  }
}
