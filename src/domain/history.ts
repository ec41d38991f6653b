/**
 * The history of a run: what plots over time are drawn from. It is a list of spans, one second long at first. So that it
 * stays small, whatever the length of the run, older spans are joined in pairs, and those again: of each length, one, two,
 * four, … seconds, there are a few hundred at most: about 1,000 for a run of an hour, 2,900 for one of a month, together 2 MB.
 */
import { addHistograms, type CompactHistogram } from "./compact-histogram.ts";
import type { JobCounts } from "./job.ts";
import type { OutcomeKind, QuotaDimension } from "./outcome.ts";

/** The length of a span at first. */
export const FINEST_MS = 1_000;

/** How many spans of a length are kept at most; the older half of more is joined. A run of a month has 13 lengths. */
export const SPANS_OF_A_LENGTH = 360;

/** How many changes of breakers a span lists, besides the last one of each endpoint. */
const MOVES_NAMED = 16;

export type QuotaName = `${QuotaDimension}/${"minute" | "day"}`;

/** A breaker's change to another state. */
export interface BreakerMove {
  /** Wall clock. */
  at: number;
  endpoint: string;
  state: "closed" | "open" | "half-open" | "ramping" | "blocked";
  /** Why it opened or is blocked, as a code; null else. */
  reason: string | null;
}

/** How fast rows were done lately, counting only the time in which nothing held calls back. */
export interface Pace {
  rowsPerMinute: number;
  /** Calls and tokens that a row took, its failed calls included. */
  callsPerRow: number;
  tokensPerRow: number;
  /** The run's budgets of an hour or a day. Missing where there are none. */
  rations?: readonly Ration[];
  /** Until the first row is to be tried again, where nothing else is left to do. Missing else. */
  retryMs?: number;
}

/** A quota or a budget that becomes whole again from time to time, counted in rows. */
export interface Ration {
  /** Rows that it still has room for. */
  left: number;
  /** Rows that it has room for once it is whole again. */
  perSpan: number;
  spanMs: number;
  /** Until it is whole again; null while nothing of it is used. */
  resetMs: number | null;
}

/** What every process that worked on the run did in a span of time, and how things stood at its end. */
export interface HistorySpan {
  /** Wall clock of its start, a multiple of its length. */
  at: number;
  /** {@link FINEST_MS}, or that times a power of two. */
  lengthMs: number;
  /** Calls that were sent; they end in this span or in later ones. */
  sent: number;
  /** Calls that ended, by how. */
  ended: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Jobs that these calls brought to their end; twins that share an answer are in `jobs` alone. */
  succeeded: number;
  failed: number;
  inputTokens: number;
  /** The part of the input tokens that came from the provider's cache. */
  cachedInputTokens: number;
  outputTokens: number;
  /** What the answers with a known price cost, in whole nano-USD. */
  costNanoUsd: number;
  /** Answers without a known price. */
  unpriced: number;
  /** Of the calls that ended: the call alone. */
  latency: CompactHistogram;
  /** Of the calls that ended: from a free slot to the sending. */
  wait: CompactHistogram;
  /** The whole run's jobs at the end; null where they weren't looked at. */
  jobs: JobCounts | null;
  /** At the end, by all processes; null where it wasn't looked at, or nobody knows yet. */
  pace: Pace | null;
  /** The limits in force at the end, those of all endpoints together. */
  limits: Readonly<Partial<Record<QuotaName, number>>>;
  /** Breakers that moved, oldest first. */
  breakers: readonly BreakerMove[];
}

export function emptySpan(at: number, lengthMs: number): HistorySpan {
  return { at, lengthMs, ...NOTHING };
}

/** The start of the span that a moment is in. */
export function spanStart(wallMs: number, lengthMs: number): number {
  return Math.floor(wallMs / lengthMs) * lengthMs;
}

/**
 * Both together, under the time of the first: what two processes did in one span, or what was done in two spans that follow
 * each other. How things stood is as the second has it.
 */
export function joined(first: HistorySpan, second: HistorySpan): HistorySpan {
  const sum = (what: Counter): number => first[what] + second[what];
  return {
    at: first.at,
    lengthMs: first.lengthMs,
    sent: sum("sent"),
    ended: sums(first.ended, second.ended),
    succeeded: sum("succeeded"),
    failed: sum("failed"),
    inputTokens: sum("inputTokens"),
    cachedInputTokens: sum("cachedInputTokens"),
    outputTokens: sum("outputTokens"),
    costNanoUsd: sum("costNanoUsd"),
    unpriced: sum("unpriced"),
    latency: addHistograms(first.latency, second.latency),
    wait: addHistograms(first.wait, second.wait),
    jobs: second.jobs ?? first.jobs,
    pace: second.pace ?? first.pace,
    limits: { ...first.limits, ...second.limits },
    breakers: fewMoves([...first.breakers, ...second.breakers]),
  };
}

/** The same in spans of twice the length, in their order. */
export function coarsened(spans: readonly HistorySpan[]): HistorySpan[] {
  const coarse = new Map<number, HistorySpan>();
  for (const span of spans) {
    const lengthMs = span.lengthMs * 2;
    const at = spanStart(span.at, lengthMs);
    coarse.set(at, joined(coarse.get(at) ?? emptySpan(at, lengthMs), span));
  }
  return [...coarse.values()];
}

/** As JSON, without its time and length, and without what is nothing. */
export function spanText({ at: _at, lengthMs: _lengthMs, ...rest }: HistorySpan): string {
  const entries = Object.entries(rest).filter(([name, value]) => {
    return JSON.stringify(value) !== JSON.stringify(NOTHING[name as keyof typeof NOTHING]);
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Reads what {@link spanText} wrote, in this version or an earlier one. */
export function readSpan(at: number, lengthMs: number, text: string): HistorySpan {
  return { ...emptySpan(at, lengthMs), ...(JSON.parse(text) as Partial<HistorySpan>) };
}

/** What the ends of calls add up to, of none. */
export const NO_SUMS = {
  succeeded: 0,
  failed: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  unpriced: 0,
};

const NOTHING: Omit<HistorySpan, "at" | "lengthMs"> = {
  ...NO_SUMS,
  sent: 0,
  ended: {},
  latency: [],
  wait: [],
  jobs: null,
  pace: null,
  limits: {},
  breakers: [],
};

type Counter = Exclude<
  { [K in keyof HistorySpan]: HistorySpan[K] extends number ? K : never }[keyof HistorySpan],
  "at" | "lengthMs"
>;

type Counts = HistorySpan["ended"];

function sums(first: Counts, second: Counts): Counts {
  const sum: Partial<Record<OutcomeKind, number>> = { ...first };
  for (const [kind, count] of Object.entries(second) as [OutcomeKind, number][]) {
    sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

/** A breaker that flaps for hours moves thousands of times: where each came to stand is kept, and of the rest the latest. */
function fewMoves(moves: readonly BreakerMove[]): readonly BreakerMove[] {
  const inOrder = [...moves].sort((a, b) => a.at - b.at);
  if (inOrder.length <= MOVES_NAMED) return inOrder;
  const last = new Map(inOrder.map((move) => [move.endpoint, move]));
  const named = new Set([...last.values(), ...inOrder.slice(-MOVES_NAMED)]);
  return inOrder.filter((move) => named.has(move));
}
