import type { Outcome } from "../domain/outcome.ts";
import type { RunFigures } from "../domain/run.ts";

/** What answers have used so far: a call whose answer nothing bounds is taken to use as much as the mean. */
export class Answered {
  #calls: number;
  #outputTokens: number;
  #nanoUsd: number;

  /** @param figures of the run as it stands */
  constructor({ attempts, tokens, cost }: Pick<RunFigures, "attempts" | "tokens" | "cost">) {
    this.#calls = attempts.succeeded;
    this.#outputTokens = tokens.output;
    this.#nanoUsd = cost.nano_usd;
  }

  learn({ answer, costNanoUsd }: Outcome): void {
    if (answer === null) return;
    this.#calls += 1;
    this.#outputTokens += answer.usage.outputTokens;
    this.#nanoUsd += costNanoUsd ?? 0;
  }

  get meanOutputTokens(): number {
    return this.#mean(this.#outputTokens);
  }

  get meanNanoUsd(): number {
    return this.#mean(this.#nanoUsd);
  }

  #mean(sum: number): number {
    return this.#calls === 0 ? 0 : Math.ceil(sum / this.#calls);
  }
}
