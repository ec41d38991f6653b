import type { Run } from "../../domain/run.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import type { Invocation } from "../context.ts";

/** A run's metrics while they are served. */
export interface Metrics {
  see(event: RunEvent): void;
  watch(lanes: readonly Lane[]): void;
  close(): Promise<void>;
}

/**
 * Looks whether the port can be taken, before anything changes. 0 takes a free one, and null none.
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function checkMetricsPort(port: number | null): Promise<void> {
  if (port === null || port === 0) return;
  const { checkPort } = await import("../../observe/metrics/check-port.ts");
  await checkPort(port);
}

/**
 * Serves the metrics of a run and says where; null where nobody asks for them.
 * @throws LlmBatchError CANNOT_LISTEN
 */
export async function openMetrics(
  { context, globals }: Pick<Invocation, "context" | "globals">,
  store: StoreReader,
  run: Run,
  port: number | null,
): Promise<Metrics | null> {
  if (port === null) return null;
  const { RunMetrics } = await import("../../observe/metrics/run-metrics.ts");
  const { serveMetrics } = await import("../../observe/metrics/serve-metrics.ts");
  const metrics = new RunMetrics(store, run);
  const server = await serveMetrics(metrics, port);
  if (!globals.quiet) context.stderr.write(`metrics: ${server.url}\n`);
  return {
    see: (event) => metrics.see(event),
    watch: (lanes) => metrics.watch(lanes),
    close: () => server.close(),
  };
}
