import type { BreakerView } from "../control/breaker/view.ts";
import { viewShared } from "../control/shared-breaker.ts";
import { toUsd } from "../domain/nano-usd.ts";
import { targetsOf } from "../domain/request.ts";
import type { Run, RunFigures } from "../domain/run.ts";
import type { StoreReader } from "../ports/store.ts";

/** What `status --json` prints; the shape is part of the contract. */
export type RunStatus = Omit<RunFigures, "recent" | "failures" | "cost" | "unfit"> & {
  run: string;
  state: "running" | "finished" | "stopped" | "cancelled";
  input: string;
  /** Null where the price of an answer is unknown. */
  cost_usd: number | null;
  /** How many answers fit the schema asked for; null where none was asked for. */
  schema: { answers: number; fit: number; ratio: number | null } | null;
  rate: { requests_per_minute: number; tokens_per_minute: number; throttle_ratio: number };
  eta_seconds: number | null;
  breaker: readonly { endpoint: string; state: BreakerView["state"]; retry_at: string | null }[];
  failures: RunFigures["failures"];
};

/** Reads a run's figures as they stand; `worked` says that this very process works on it. */
export async function runStatus(store: StoreReader, run: Run, worked: boolean): Promise<RunStatus> {
  const { recent, failures, cost, unfit, ...figures } = await store.figures(run.id);
  const left = figures.jobs.pending + figures.jobs.running;
  const perMinute = (units: number): number => (recent.spanMs > 0 ? (units * 60_000) / recent.spanMs : 0);
  const donePerMinute = perMinute(recent.done);
  return {
    run: run.id,
    state: await liveState(store, run, worked),
    input: run.sources.map((source) => source.path).join(" "),
    ...figures,
    cost_usd: cost.unknown > 0 ? null : toUsd(cost.nano_usd),
    schema: run.request.jsonSchema === null ? null : schemaFit(figures.attempts.succeeded, unfit),
    rate: {
      requests_per_minute: round(perMinute(recent.requests)),
      tokens_per_minute: round(perMinute(recent.tokens)),
      throttle_ratio: figures.attempts.total ? figures.attempts.throttled / figures.attempts.total : 0,
    },
    eta_seconds: left > 0 && donePerMinute > 0 ? Math.round((left / donePerMinute) * 60) : null,
    breaker: await breakers(store, run),
    failures,
  };
}

function schemaFit(fit: number, unfit: number): RunStatus["schema"] {
  const answers = fit + unfit;
  return { answers, fit, ratio: answers > 0 ? fit / answers : null };
}

async function liveState(store: StoreReader, run: Run, worked: boolean): Promise<RunStatus["state"]> {
  if (run.state === "finished" || run.state === "cancelled") return run.state;
  return worked || (await store.isWorkedOn(run.id)) ? "running" : "stopped";
}

async function breakers(store: StoreReader, run: Run): Promise<RunStatus["breaker"]> {
  const places = targetsOf(run.request).map(({ baseUrl }) => `${baseUrl.replace(/\?.*/, "")} `);
  const endpoints = await store.listEndpoints();
  return endpoints
    .filter(({ endpoint }) => places.some((place) => endpoint.startsWith(place)))
    .map(({ endpoint, state }) => {
      const { state: phase, retryAt } = viewShared(state) ?? { state: "closed", retryAt: null };
      return { endpoint, state: phase, retry_at: retryAt === null ? null : new Date(retryAt).toISOString() };
    });
}

const round = (value: number): number => Math.round(value * 10) / 10;
