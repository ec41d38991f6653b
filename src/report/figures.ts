import { poolOf } from "../domain/request.ts";
import { inputNames, type Run } from "../domain/run.ts";
import { runStatus } from "../observe/status.ts";
import type { StoreReader } from "../ports/store.ts";
import type { ReportedFigures } from "./report-data.ts";

/** A run's figures as they stand, and what it is. */
export async function readFigures(store: StoreReader, run: Run): Promise<ReportedFigures> {
  const status = await runStatus(store, run, false);
  const { state, jobs, attempts, tokens, cost_usd, rate, latency_ms, wait_ms, total_ms } = status;
  const { eta_seconds, breaker, failures } = status;
  return {
    run: run.id,
    state,
    input: inputNames(run.sources.map(({ path }) => path)),
    targets: poolOf(run.request).map(({ name, model }) => (model === null ? name : `${model} at ${name}`)),
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    jobs,
    attempts,
    tokens,
    cost_usd,
    rate,
    latency_ms,
    wait_ms,
    total_ms,
    eta_seconds,
    breaker,
    failures,
  };
}
