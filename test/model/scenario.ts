import type { Random } from "../../src/ports/random.ts";
import type { QuotaLimits } from "../../src/simulator/limits/quota.ts";
import { parseWindowForm } from "../../src/simulator/limits/window-form.ts";
import { limitsOf } from "../helpers/limits.ts";
import { seeded } from "../helpers/seeded.ts";
import { ModelEndpoint, type Row, type Talk } from "./endpoint.ts";
import { lognormal } from "./lognormal.ts";
import { simulate, type Trace } from "./simulate.ts";

/** What the limiter knows: the user's word, the provider's headers, or nothing but its refusals. */
export type Knowledge = "told" | "headers" | "untold";

export type Condition = "steady" | "halved" | "tenth" | "doubled" | "outage" | "lying" | "noisy";

export interface Scenario {
  requestsPerMinute: number;
  /** How the provider enforces its limit: `bucket:60s`, `fixed:60s`, ... */
  window: string;
  condition: Condition;
  knowledge: Knowledge;
}

/** From a run with one seed. Shares are of 1. */
export interface Figures {
  /** Share of the provider's quota that was used, after the way there. */
  used: number;
  /** Share of the calls that were refused, in the same time. */
  refused: number;
  /** Seconds until 90 % of the rate was used, from the start or, where something changes, from then on. */
  reachedSeconds: number;
}

/** Of the calls, what a noisy provider refuses whatever their rate. */
const NOISE = 0.05;
const CHANGE_SECONDS = 360;
const OUTAGE_SECONDS = 120;
const END_SECONDS = 840;

/** The way there is not measured. */
const WARM_SECONDS = 180;
const REACH_SPAN_SECONDS = 30;

const LATENCY_MEDIAN_MS = 6_000;
const LATENCY_SIGMA = 0.5;

const NO_LIMITS: QuotaLimits = { rpm: null, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null };
const ESTIMATE = { inputTokens: 50, outputTokens: 0 };
const USED = { inputTokens: 50, outputTokens: 50 };

/** Runs a scenario with a seed. */
export function play(scenario: Scenario, seed: number): Figures {
  const { requestsPerMinute: rpm, window, condition, knowledge } = scenario;
  const random = seeded(seed);
  const talk: Talk = { headers: knowledge === "headers", exaggeration: condition === "lying" ? 2 : 1 };
  const endpoint = new ModelEndpoint({ ...NO_LIMITS, rpm }, parseWindowForm(window)!, talk, random);
  if (condition === "noisy") endpoint.noise = NOISE;
  const latency = lognormal(random, LATENCY_MEDIAN_MS, LATENCY_SIGMA);
  const trace = simulate<Row>({
    limits: limitsOf(knowledge === "told" ? { requestsPerMinute: rpm * talk.exaggeration } : {}),
    slots: rpm / 2,
    random,
    nextRow: () => ({ estimate: ESTIMATE, used: USED, latencyMs: latency() }),
    call: (row, now) => endpoint.call(row, now),
    changes: changesOf(scenario, endpoint),
    untilMs: END_SECONDS * 1_000,
  });
  return measure(scenario, trace);
}

/** Rows with a limit on requests and one on tokens. */
export interface Batch {
  rows: number;
  requestsPerMinute: number;
  tokensPerMinute: number;
  window: string;
  knowledge: Knowledge;
}

/**
 * Runs a batch of rows of about 50 input and 45 output tokens, which ask for up to 200.
 * @returns its time, as a multiple of what sending at the very rate of the limits would take, and the share refused.
 */
export function playBatch(
  { rows, requestsPerMinute: rpm, tokensPerMinute: tpm, window, knowledge }: Batch,
  seed: number,
): { stretch: number; refused: number } {
  const random = seeded(seed);
  const talk: Talk = { headers: knowledge === "headers", exaggeration: 1 };
  const endpoint = new ModelEndpoint({ ...NO_LIMITS, rpm, tpm }, parseWindowForm(window)!, talk, random);
  const batch = Array.from({ length: rows }, batchRow(random));
  const next = batch.values();
  const trace = simulate<Row>({
    limits: limitsOf(knowledge === "told" ? { requestsPerMinute: rpm, tokensPerMinute: tpm } : {}),
    slots: rpm / 2,
    random,
    nextRow: () => next.next().value!,
    call: (row, now) => endpoint.call(row, now),
    rows,
  });
  return { stretch: trace.endedMs / idealMs(batch, rpm, tpm), refused: refusedShare(trace, 0, Infinity) };
}

function batchRow(random: Random): () => Row {
  const latency = lognormal(random, LATENCY_MEDIAN_MS, LATENCY_SIGMA);
  const output = lognormal(random, 42, 0.4);
  return () => {
    const inputTokens = Math.round(30 + 40 * random());
    return {
      estimate: { inputTokens: inputTokens * 1.2, outputTokens: 200 },
      used: { inputTokens, outputTokens: Math.round(output()) },
      latencyMs: latency(),
    };
  };
}

/** Each row leaves as soon as the limits allow all up to it, evenly, and takes its own latency. */
function idealMs(batch: readonly Row[], rpm: number, tpm: number): number {
  let tokens = 0;
  let endMs = 0;
  for (const [index, { used, latencyMs }] of batch.entries()) {
    tokens += used.inputTokens + used.outputTokens;
    endMs = Math.max(endMs, 60_000 * Math.max((index + 1) / rpm, tokens / tpm) + latencyMs);
  }
  return endMs;
}

function changesOf({ requestsPerMinute: rpm, condition }: Scenario, endpoint: ModelEndpoint) {
  const atMs = CHANGE_SECONDS * 1_000;
  const setRate = (factor: number) => () => endpoint.setLimits({ ...NO_LIMITS, rpm: rpm * factor }, atMs);
  const setDown = (down: boolean) => () => {
    endpoint.isDown = down;
  };
  switch (condition) {
    case "halved":
      return [{ atMs, apply: setRate(0.5) }];
    case "tenth":
      return [{ atMs, apply: setRate(0.1) }];
    case "doubled":
      return [{ atMs, apply: setRate(2) }];
    case "outage":
      return [
        { atMs, apply: setDown(true) },
        { atMs: atMs + OUTAGE_SECONDS * 1_000, apply: setDown(false) },
      ];
    default:
      return [];
  }
}

function measure({ requestsPerMinute, condition }: Scenario, trace: Trace): Figures {
  const factor = { steady: 1, noisy: 1, lying: 1, outage: 1, halved: 0.5, tenth: 0.1, doubled: 2 }[condition];
  const from = {
    steady: 0,
    noisy: 0,
    lying: 0,
    outage: CHANGE_SECONDS + OUTAGE_SECONDS,
    halved: CHANGE_SECONDS,
    tenth: CHANGE_SECONDS,
    doubled: CHANGE_SECONDS,
  }[condition];
  const perSecond = (requestsPerMinute * factor) / 60;
  const warm = from + WARM_SECONDS;
  return {
    used: total(trace.accepted, warm, END_SECONDS) / (perSecond * (END_SECONDS - warm)),
    refused: refusedShare(trace, warm, END_SECONDS),
    reachedSeconds: reachedSeconds(trace, from, perSecond),
  };
}

/** The end of the first half minute in which 90 % of the rate was let in, and hardly anything refused. */
function reachedSeconds(trace: Trace, from: number, perSecond: number): number {
  for (let end = from + REACH_SPAN_SECONDS; end <= END_SECONDS; end++) {
    const span = [end - REACH_SPAN_SECONDS, end] as const;
    if (
      total(trace.accepted, ...span) >= 0.9 * perSecond * REACH_SPAN_SECONDS &&
      refusedShare(trace, ...span) <= 0.02
    ) {
      return end - from;
    }
  }
  return Infinity;
}

function refusedShare({ accepted, refused }: Trace, from: number, to: number): number {
  const refusals = total(refused, from, to);
  return refusals / Math.max(1, refusals + total(accepted, from, to));
}

function total(seconds: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let second = from; second < Math.min(to, seconds.length); second++) sum += seconds[second] ?? 0;
  return sum;
}
