import type { Registry } from "prom-client";
import { Counter, Gauge } from "./prom-client.ts";

/** What is not counted call by call: of this process, or of the whole run whichever processes work on it, as the help says. */
export type Instruments = ReturnType<typeof createInstruments>;

export function createInstruments(registry: Registry) {
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter<T>({ name, help, labelNames: [...labelNames], registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge<T>({ name, help, labelNames: [...labelNames], registers });
  return {
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
