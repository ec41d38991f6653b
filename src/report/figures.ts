import { poolOf } from "../domain/request.ts";
import { inputNames, type Run } from "../domain/run.ts";
import { type Look, lookAt } from "../observe/status.ts";
import { toldStops } from "../observe/stops.ts";
import type { StoreReader } from "../ports/store.ts";
import type { ReportedFigures, ReportedStep } from "./report-data.ts";

/** What can be done about a run as it stands. */
export type Advise = (run: Run, look: Look) => Promise<readonly ReportedStep[]>;

/** A run's figures as they stand, and what it is. */
export async function readFigures(store: StoreReader, run: Run, advise: Advise): Promise<ReportedFigures> {
  const look = await lookAt(store, run, false);
  const { status, endpoints } = look;
  const { state, jobs, attempts, tokens, cost_usd, unpriced, rate, latency_ms, wait_ms, total_ms } = status;
  const { eta_seconds, failures } = status;
  return {
    run: run.id,
    state,
    stops: toldStops(status.stops).map(({ processes, ...stop }) => ({
      ...stop,
      processes: processes.length,
    })),
    input: inputNames(run.sources.map(({ path }) => path)),
    targets: poolOf(run.request).map(({ name, model }) => (model === null ? name : `${model} at ${name}`)),
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    jobs,
    attempts,
    tokens,
    cost_usd,
    unpriced,
    rate,
    latency_ms,
    wait_ms,
    total_ms,
    eta_seconds,
    breaker: endpoints.map(({ endpoint, breaker: { state, retryAt, reason } }) => ({
      endpoint,
      state,
      retry_at: retryAt === null ? null : new Date(retryAt).toISOString(),
      reason,
    })),
    failures,
    steps: await advise(run, look),
  };
}
