import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** As the OpenTelemetry conventions for GenAI advise, in seconds. */
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/** The same for tokens. */
const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

/** What this process has done, or the whole run whichever processes work on it: the help of each metric says which. */
export type Instruments = ReturnType<typeof createInstruments>;

/** @param labels that every metric has */
export function createInstruments(labels: Readonly<Record<string, string>>) {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter<T>({ name, help, labelNames: [...labelNames], registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge<T>({ name, help, labelNames: [...labelNames], registers });
  const histogram = <T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: number[],
  ) => new Histogram<T>({ name, help, labelNames: [...labelNames], buckets, registers });
  const called = ["endpoint", "gen_ai_provider_name"] as const;
  return {
    registry,
    duration: histogram(
      "gen_ai_client_operation_duration_seconds",
      "How long calls of this process took; error_type is empty for a success.",
      [...called, "error_type"],
      DURATION_BUCKETS,
    ),
    tokenUsage: histogram(
      "gen_ai_client_token_usage",
      "Tokens of the calls of this process that were answered.",
      [...called, "gen_ai_token_type"],
      TOKEN_BUCKETS,
    ),
    wait: histogram(
      "llm_batch_wait_seconds",
      "From a slot being free to the sending of a call, in this process: quota, breaker, backoff.",
      ["endpoint"],
      DURATION_BUCKETS,
    ),
    attempts: counter(
      "llm_batch_attempts_total",
      "Calls of this process that have ended, by what became of them.",
      ["endpoint", "kind"],
    ),
    tokens: counter("llm_batch_tokens_total", "Tokens of this process; cached_input is a part of input.", [
      "endpoint",
      "type",
    ]),
    cost: counter(
      "llm_batch_cost_usd_total",
      "What answers of this process with a known price cost, in US dollars.",
      ["endpoint"],
    ),
    unpriced: counter("llm_batch_unpriced_answers_total", "Answers of this process whose price is unknown.", [
      "endpoint",
    ]),
    breakerMoves: counter(
      "llm_batch_breaker_moves_total",
      "Moves of the breaker that this process saw, by where to.",
      ["endpoint", "state"],
    ),
    breaker: gauge("llm_batch_breaker_state", "1 for the state that the breaker is in, 0 for the others.", [
      "endpoint",
      "state",
    ]),
    quotaLimit: gauge("llm_batch_quota_limit", "The limit in force, in units per minute or day.", [
      "endpoint",
      "dimension",
      "per",
    ]),
    quotaUsed: gauge("llm_batch_quota_used_ratio", "The share of the limit in use by this process: 0 to 1.", [
      "endpoint",
      "dimension",
      "per",
    ]),
    inFlight: gauge("llm_batch_calls_in_flight", "Calls of this process that are under way.", ["endpoint"]),
    inFlightLimit: gauge(
      "llm_batch_calls_in_flight_limit",
      "How many calls of this process may be under way.",
      ["endpoint"],
    ),
    jobs: gauge("llm_batch_jobs", "Jobs of the whole run by state.", ["state"]),
    arrived: gauge("llm_batch_jobs_arrived", "Jobs that the whole run has got so far."),
    done: gauge(
      "llm_batch_jobs_done",
      "Jobs of the whole run that came to their end; against the arrived, the early warning.",
    ),
    throttleRatio: gauge(
      "llm_batch_throttle_ratio",
      "Share of the whole run's calls that a limit refused: 0 to 1.",
    ),
    inDoubt: gauge(
      "llm_batch_calls_in_doubt",
      "Calls of processes that died which may have been made, at most.",
    ),
    eta: gauge("llm_batch_eta_seconds", "Time to the end of the run; NaN while it can't be told."),
    build: gauge("llm_batch_build_info", "Always 1; the labels name the versions.", ["version", "node"]),
  };
}
