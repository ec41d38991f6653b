import type { Metric, Registry } from "prom-client";
import type { Bucketed } from "./bucketed.ts";

/** What is counted call by call, of this process. */
const COUNTED = {
  gen_ai_client_operation_duration_seconds: {
    type: "histogram",
    help: "How long calls of this process took; error_type is empty for a success.",
  },
  gen_ai_client_token_usage: {
    type: "histogram",
    help: "Tokens of the calls of this process that were answered.",
  },
  llm_batch_wait_seconds: {
    type: "histogram",
    help: "From a slot being free to the sending of a call, in this process: quota, breaker, backoff.",
  },
  llm_batch_attempts_total: {
    type: "counter",
    help: "Calls of this process that have ended, by what became of them.",
  },
  llm_batch_tokens_total: {
    type: "counter",
    help: "Tokens of this process; cached_input is a part of input.",
  },
  llm_batch_cost_usd_total: {
    type: "counter",
    help: "What answers of this process with a known price cost, in US dollars.",
  },
  llm_batch_unpriced_answers_total: {
    type: "counter",
    help: "Answers of this process whose price is unknown.",
  },
} as const;

export type CountedName = keyof typeof COUNTED;
export type Labels = Readonly<Record<string, string>>;

/** A metric with its values, as a registry of prom-client asks for it. */
interface Family {
  name: string;
  help: string;
  type: "counter" | "histogram";
  values: { labels: Labels; value: number; metricName?: string }[];
  get(): Family;
}

/** Hands what was counted to a registry, scrape by scrape. */
export class Families {
  readonly #common: Labels;
  readonly #byName: ReadonlyMap<CountedName, Family>;

  /** @param common labels that every series has */
  constructor(registry: Pick<Registry, "registerMetric">, common: Labels) {
    this.#common = common;
    const names = Object.keys(COUNTED) as CountedName[];
    this.#byName = new Map(names.map((name) => [name, familyOf(name)]));
    // It asks for no more than a family has.
    for (const family of this.#byName.values()) registry.registerMetric(family as unknown as Metric);
  }

  /** Before the values of another scrape. */
  clear(): void {
    for (const family of this.#byName.values()) family.values = [];
  }

  add(name: CountedName, own: Labels, value: number): void {
    this.#push(name, name, own, value);
  }

  addHistogram(name: CountedName, own: Labels, histogram: Bucketed): void {
    for (const [le, count] of histogram.upTo()) this.#push(name, `${name}_bucket`, { ...own, le }, count);
    this.#push(name, `${name}_sum`, own, histogram.sum);
    this.#push(name, `${name}_count`, own, histogram.count);
  }

  #push(name: CountedName, metricName: string, own: Labels, value: number): void {
    this.#byName.get(name)!.values.push({ metricName, labels: { ...this.#common, ...own }, value });
  }
}

function familyOf(name: CountedName): Family {
  const family: Family = { name, ...COUNTED[name], values: [], get: () => family };
  return family;
}
