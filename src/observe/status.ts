import type { BreakerView } from "../control/breaker/view.ts";
import { toUsd } from "../domain/nano-usd.ts";
import type { Run, RunFigures } from "../domain/run.ts";
import type { InDoubt, Unrescued } from "../domain/spend.ts";
import type { RecordedStop } from "../domain/stop-reason.ts";
import type { StoreReader } from "../ports/store.ts";
import { endpointsOf, lately, type SeenEndpoint } from "./endpoints.ts";
import { etaMs, type Outlook } from "./eta.ts";
import { outlookOf } from "./outlook.ts";

/** What `status --json` prints; the shape is part of the contract. */
export type RunStatus = Omit<RunFigures, "recent" | "pace" | "failures" | "cost" | "estimated" | "unfit"> & {
  run: string;
  /** `importing` and `running` while a process works on it; `stopped` while none does. */
  state: "importing" | "running" | "finished" | "stopped" | "cancelled";
  /** Why processes that worked on it stopped or died, the oldest first; empty once it is gone on with, or where none is on record. */
  stops: readonly { code: string; message: string; at: string; host: string | null; pid: number | null }[];
  input: string;
  /** Null where the price of an answer is unknown. */
  cost_usd: number | null;
  /** Answers whose price is unknown. */
  unpriced: number;
  /** What budgets count for calls that timed out or were cut off; the cost is null where a price is unknown. */
  cut_off: { tokens: number; cost_usd: number | null };
  /** How many answers fit the schema asked for; null where none was asked for. */
  schema: { answers: number; fit: number; ratio: number | null } | null;
  rate: { requests_per_minute: number; tokens_per_minute: number; throttle_ratio: number };
  eta_seconds: number | null;
  breaker: readonly { endpoint: string; state: BreakerView["state"]; retry_at: string | null }[];
  failures: RunFigures["failures"];
};

/** A run as it stands, and what its end depends on. */
export interface Look {
  status: RunStatus;
  outlook: Outlook;
  /** The same as `stops` of the status, with what they say about going on. */
  stops: readonly RecordedStop[];
  /** The endpoints in use, as the processes at work on them share them. */
  endpoints: readonly SeenEndpoint[];
}

/** Whether calls were answered, and perhaps paid: answers that were refused cost as much as others. */
export function hasAnswers({ attempts, cost_usd }: Pick<RunStatus, "attempts" | "cost_usd">): boolean {
  return attempts.succeeded > 0 || cost_usd !== 0;
}

/** Reads a run's figures as they stand; `worked` says that this very process works on it. */
export async function runStatus(store: StoreReader, run: Run, worked: boolean): Promise<RunStatus> {
  return (await lookAt(store, run, worked)).status;
}

/** As `runStatus`, with what the run's end depends on and the endpoints in use. */
export async function lookAt(store: StoreReader, run: Run, worked: boolean): Promise<Look> {
  const recorded = await store.figures(run.id);
  const all = endpointsOf(run, await store.models(run.id), await store.listEndpoints());
  const endpoints = lately(all);
  const state = await liveState(store, run, worked);
  const stops = run.state === "open" ? await store.stops(run.id) : [];
  const figures = state === "stopped" ? withDoubts(recorded, await store.unrescued(run.id)) : recorded;
  const outlook = outlookOf(figures, endpoints);
  const eta = state === "running" ? etaMs(outlook) : null;
  const status = statusOf({ run, state, stops, figures, endpoints: all, eta });
  return { status, outlook, stops, endpoints };
}

/** Adds the calls in doubt of processes that died, which are recorded only when somebody goes on with the run. */
function withDoubts(figures: RunFigures, { calls, inDoubt }: Unrescued): RunFigures {
  const { attempts } = figures;
  return {
    ...figures,
    attempts: { ...attempts, total: attempts.total + calls, in_doubt: attempts.in_doubt + calls },
    in_doubt: inDoubt
      .filter(({ group }) => group === null)
      .reduce((known, doubt) => addDoubt(known, doubt), figures.in_doubt),
  };
}

function addDoubt(
  known: RunFigures["in_doubt"],
  { model, calls, inputTokens, outputTokens }: InDoubt,
): RunFigures["in_doubt"] {
  const before = known.find((some) => some.model === model);
  const sum = {
    model,
    calls: (before?.calls ?? 0) + calls,
    input_tokens: (before?.input_tokens ?? 0) + inputTokens,
    output_tokens: (before?.output_tokens ?? 0) + outputTokens,
  };
  return [...known.filter((some) => some !== before), sum];
}

interface Seen {
  run: Run;
  state: RunStatus["state"];
  stops: readonly RecordedStop[];
  figures: RunFigures;
  endpoints: readonly SeenEndpoint[];
  eta: number | null;
}

function statusOf({ run, state, stops, figures: all, endpoints, eta }: Seen): RunStatus {
  const { recent, pace: _pace, failures, cost, estimated, unfit, ...figures } = all;
  const perMinute = perMinuteOf(recent);
  return {
    run: run.id,
    state,
    stops: stops.map(({ code, message, at, host, pid }) => {
      return { code, message, at: new Date(at).toISOString(), host, pid };
    }),
    input: run.sources.map((source) => source.path).join(" "),
    ...figures,
    cost_usd: cost.unknown > 0 ? null : toUsd(cost.nano_usd),
    unpriced: cost.unknown,
    cut_off: {
      tokens: estimated.tokens,
      cost_usd: cost.unknown > 0 ? null : toUsd(estimated.nano_usd),
    },
    schema: run.request.jsonSchema === null ? null : schemaFit(figures.attempts.succeeded, unfit),
    rate: {
      requests_per_minute: round(perMinute(recent.requests)),
      tokens_per_minute: round(perMinute(recent.tokens)),
      throttle_ratio: figures.attempts.total ? figures.attempts.throttled / figures.attempts.total : 0,
    },
    eta_seconds:
      eta === null || figures.jobs.pending + figures.jobs.running === 0 ? null : Math.round(eta / 1_000),
    breaker: endpoints.map(({ endpoint, breaker }) => ({
      endpoint,
      state: breaker.state,
      retry_at: breaker.retryAt === null ? null : new Date(breaker.retryAt).toISOString(),
    })),
    failures,
  };
}

function schemaFit(fit: number, unfit: number): RunStatus["schema"] {
  const answers = fit + unfit;
  return { answers, fit, ratio: answers > 0 ? fit / answers : null };
}

async function liveState(store: StoreReader, run: Run, worked: boolean): Promise<RunStatus["state"]> {
  if (run.state === "finished" || run.state === "cancelled") return run.state;
  if (!worked && !(await store.isWorkedOn(run.id))) return "stopped";
  return run.state === "importing" ? "importing" : "running";
}

function perMinuteOf({ spanMs }: RunFigures["recent"]): (units: number) => number {
  return (units) => (spanMs > 0 ? (units * 60_000) / spanMs : 0);
}

const round = (value: number): number => Math.round(value * 10) / 10;
