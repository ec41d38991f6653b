import type { Api } from "../../domain/request.ts";
import type { Run } from "../../domain/run.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { RunEvent } from "../../scheduler/events.ts";
import type { Lane } from "../../scheduler/lane.ts";
import { VERSION } from "../../version.ts";
import { runStatus } from "../status.ts";
import { EndpointSeries } from "./endpoint-series.ts";
import { Families } from "./families.ts";
import { createInstruments, type Instruments } from "./instruments.ts";
import { Registry } from "./prom-client.ts";

/** What the OpenTelemetry conventions call each API. */
const OPERATIONS: Readonly<Record<Api, string>> = {
  chat: "chat",
  responses: "chat",
  messages: "chat",
  embeddings: "embeddings",
  completions: "text_completion",
  moderations: "moderation",
};
const BREAKER_STATES = ["closed", "open", "half-open", "ramping", "blocked"] as const;

type WatchedLane = Pick<Lane, "endpoint" | "model" | "gate">;

/** Counts what happens in a drain, and reads how things stand whenever somebody asks. */
export class RunMetrics {
  readonly #store: StoreReader;
  readonly #run: Run;
  readonly #registry = new Registry();
  readonly #instruments: Instruments;
  readonly #families: Families;
  readonly #series = new Map<string, EndpointSeries>();
  #lanes: readonly WatchedLane[] = [];

  constructor(store: StoreReader, run: Run) {
    this.#store = store;
    this.#run = run;
    const labels = { run: run.id, gen_ai_operation_name: OPERATIONS[run.request.api] };
    this.#registry.setDefaultLabels(labels);
    this.#families = new Families(this.#registry, labels);
    this.#instruments = createInstruments(this.#registry);
    this.#instruments.build.set({ version: VERSION, node: process.versions.node }, 1);
  }

  watch(lanes: readonly WatchedLane[]): void {
    this.#lanes = lanes;
  }

  see(event: RunEvent): void {
    if (event.type === "recorded" || event.type === "superseded") {
      this.#seriesOf(event.endpoint, event.ending.provider).ended(event.ending);
    } else if (event.type === "gate") {
      const state = event.event.type === "opened" ? "open" : event.event.type;
      if (isBreakerState(state)) this.#instruments.breakerMoves.inc({ endpoint: event.endpoint, state });
    }
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    await this.#readRun();
    for (const lane of this.#lanes) this.#readLane(lane);
    this.#families.clear();
    for (const series of this.#series.values()) series.describe(this.#families);
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #seriesOf(endpoint: string, provider: string): EndpointSeries {
    const known = this.#series.get(endpoint);
    if (known) return known;
    const lane = this.#lanes.find((one) => one.endpoint === endpoint);
    const series = new EndpointSeries(endpoint, { provider, model: lane?.model ?? "" });
    this.#series.set(endpoint, series);
    return series;
  }

  async #readRun(): Promise<void> {
    const { jobs, arrived, done, throttleRatio, inDoubt, eta } = this.#instruments;
    const status = await runStatus(this.#store, this.#run, true);
    const { total, ...byState } = status.jobs;
    for (const [state, count] of Object.entries(byState)) jobs.set({ state }, count);
    arrived.set(total);
    done.set(byState.succeeded + byState.failed + byState.cancelled);
    throttleRatio.set(status.rate.throttle_ratio);
    inDoubt.set(status.attempts.in_doubt);
    eta.set(status.eta_seconds ?? Number.NaN);
  }

  #readLane({ endpoint, gate }: WatchedLane): void {
    const { breaker, quotaLimit, quotaUsed, inFlight, inFlightLimit } = this.#instruments;
    const current = gate.breakerState().state;
    for (const state of BREAKER_STATES) breaker.set({ endpoint, state }, Number(state === current));
    const { quotas, concurrency } = gate.limiterView();
    for (const { dimension, per, limit, used } of quotas) {
      quotaLimit.set({ endpoint, dimension, per }, limit);
      quotaUsed.set({ endpoint, dimension, per }, used);
    }
    inFlight.set({ endpoint }, concurrency.inFlight);
    inFlightLimit.set({ endpoint }, concurrency.limit);
  }
}

function isBreakerState(state: string): boolean {
  return BREAKER_STATES.some((known) => known === state);
}
