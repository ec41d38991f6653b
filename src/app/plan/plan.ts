import { poolOf } from "../../domain/request.ts";
import type { Run, Source } from "../../domain/run.ts";
import { type InputFile, importRun } from "../../input/import.ts";
import type { ImportRow, NewRun, ReadSoFar, RunImport } from "../../ports/import.ts";
import { answerCheckOf } from "../settings/answer-check.ts";
import { isPaced, pacedFor } from "../settings/limits.ts";
import { unsentNotes } from "../unsent-notes.ts";
import type { ModelPlan } from "./model-tally.ts";
import { type PartSettings, PlanParts } from "./plan-parts.ts";

export interface PlanRequest extends PartSettings {
  files: readonly InputFile[];
  /** As in `ImportRequest`. */
  thread: URL | null;
  /** As in `ImportRequest`. */
  seeRead(read: ReadSoFar): void;
  /** Of how many calls the requests are kept. */
  preview: number;
}

/** A call as it would be made. */
interface PlannedRequest {
  /** The row's id. */
  id: string;
  /** JSON text, to the byte. */
  body: string;
}

/** The figures that a run would have. Nothing is stored or sent. */
export interface Plan {
  rows: number;
  badRows: number;
  /** Of fields that are not sent. */
  notes: readonly string[];
  /** Whether any limit was told, for some endpoint at least. */
  isPaced: boolean;
  /** Each model's part, in the order in which the input names them. They are sent to side by side. */
  models: readonly ModelPlan[];
  /** Those of the first calls. */
  requests: readonly PlannedRequest[];
}

/**
 * Reads and checks the inputs as `run` does, and plays them through the limiter of each endpoint of the pool. No endpoint is taken
 * to fail, so none is fallen back on. Memory doesn't grow with the size of the inputs.
 * @throws LlmBatchError for bad input, as `run`; TOKENIZER_MISSING
 */
export async function planRun(plan: PlanRequest): Promise<Plan> {
  const { files, options, request, thread, seeRead } = plan;
  await answerCheckOf(request);
  const tallies = new Tallies(plan);
  // Which rows would share an answer could be told only by keeping what all of them ask.
  const sharing = { dedupe: false, reuse: false };
  const begun = { fingerprint: "", request, options: {}, sources: [], output: null };
  const newRun: NewRun = { ...begun, sharing, mayRepeat: true };
  const store = { beginImport: async () => tallies };
  const { rows, bad, unsent } = await importRun({ inputs: files, newRun, options, store, thread, seeRead });
  const isTold = poolOf(request).some((target) => isPaced(pacedFor(target, options)));
  return {
    rows,
    badRows: bad,
    notes: unsentNotes(unsent),
    isPaced: isTold,
    models: tallies.end(),
    requests: tallies.requests,
  };
}

/** An import that keeps of each row only what it adds to the tally of who would send it. */
class Tallies implements RunImport {
  readonly #plan: PlanRequest;
  readonly #parts: PlanParts;
  readonly requests: PlannedRequest[] = [];
  #rows = 0;

  constructor(plan: PlanRequest) {
    this.#plan = plan;
    this.#parts = new PlanParts(plan);
  }

  async append(_source: number, rows: readonly ImportRow[]): Promise<void> {
    for (const row of rows) {
      this.#rows++;
      for (let sample = 0; sample < this.#plan.request.samples; sample++) await this.#addCall(row);
    }
  }

  async #addCall({ key, row, model, charge }: ImportRow): Promise<void> {
    const part = charge && (await this.#parts.next(model));
    if (!part) return;
    const { tally, counter, build } = part;
    if (this.requests.length < this.#plan.preview)
      this.requests.push({ id: key ?? `row-${this.#rows}`, body: build(row, part.model).body });
    if (counter === null) return tally.add(charge, null);
    const { api, body } = build(row, part.model);
    tally.add(charge, counter.count(api, body));
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

  async discard(): Promise<void> {}

  end(): ModelPlan[] {
    return this.#parts.all.map((tally) => tally.end());
  }
}
