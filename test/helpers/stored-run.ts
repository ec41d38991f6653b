import { createHash } from "node:crypto";
import type { Decision, Ending } from "../../src/domain/ending.ts";
import { type ClaimedJob, JOB_STATES } from "../../src/domain/job.ts";
import { OUTCOME_RULES, type Outcome, type OutcomeKind } from "../../src/domain/outcome.ts";
import type { Run, Source } from "../../src/domain/run.ts";
import type { ImportRow, NewRun } from "../../src/ports/import.ts";
import type { ResultRow } from "../../src/ports/results.ts";
import type { Queue, Store } from "../../src/ports/store.ts";
import { outcomeOf } from "./outcome.ts";
import { requestSettings } from "./request-settings.ts";

const NOTHING_SHARED = { dedupe: false, reuse: false };
export const SOURCE: Source = { path: "in.jsonl", format: "jsonl", hash: "h", columns: null };

export function newRun(wanted: Partial<NewRun> = {}): NewRun {
  return {
    fingerprint: "f",
    request: requestSettings(),
    options: {},
    sources: [SOURCE],
    output: null,
    sharing: NOTHING_SHARED,
    mayRepeat: true,
    ...wanted,
  };
}

/** A good row that names no id and no model, and what a test wants otherwise. */
export function importRow(line: number, wanted: Partial<ImportRow> = {}): ImportRow {
  const charge = { inputTokens: 10, outputTokens: 100 };
  const row = `{"prompt":"${line}"}`;
  const plain = { key: null, model: null, group: null, requestHash: null, error: null };
  return { line, row, charge, ...plain, ...wanted };
}

/** A stand-in for the hash of a request: equal for equal names. */
export function hashOf(name: string): Buffer {
  return createHash("sha256").update(name).digest().subarray(0, 16);
}

/** A good row whose request is that of every other row with the same name. */
export function hashed(line: number, name: string, wanted: Partial<ImportRow> = {}): ImportRow {
  return importRow(line, { requestHash: hashOf(name), ...wanted });
}

export function importRows(count: number): ImportRow[] {
  return Array.from({ length: count }, (_, at) => importRow(at + 1));
}

/** Imports rows, or so many of them, as a run of its own. */
export async function storeRun(
  store: Store,
  rows: number | readonly ImportRow[],
  wanted: Partial<NewRun> = {},
): Promise<Run> {
  const target = await store.beginImport(newRun(wanted));
  await target.append(0, typeof rows === "number" ? importRows(rows) : rows);
  return target.finish([SOURCE]);
}

interface WantedEnding {
  outcome?: Partial<Outcome>;
  decision?: Partial<Decision>;
  timing?: Partial<Ending["timing"]>;
  estimate?: Ending["estimate"];
}

const COUNTS_AS: Readonly<Record<string, Decision["countsAs"]>> = {
  retry: "failure",
  fail: "failure",
  reask: "invalid",
};

/** How an attempt ended, decided by the rules of its kind; a retry is due at once. */
export function endingOf(job: ClaimedJob, kind: OutcomeKind, wanted: WantedEnding = {}): Ending {
  const rule = OUTCOME_RULES[kind].job;
  const state = rule === "succeed" ? "succeeded" : rule === "fail" ? "failed" : "pending";
  return {
    job,
    outcome: outcomeOf(kind, wanted.outcome),
    decision: { state, availableAt: 0, countsAs: COUNTS_AS[rule] ?? null, ...wanted.decision },
    timing: { sentAt: 1_000, latencyMs: 20, waitMs: 5, slotFreeAt: 0, ...wanted.timing },
    estimate: wanted.estimate ?? { tokens: 0, nanoUsd: 0 },
    provider: "sim",
  };
}

/** Every row of a run with its raw reply. */
export function allRows(store: Pick<Store, "page">, run: string): Promise<ResultRow[]> {
  return store.page(run, { after: 0, limit: 100_000, states: JOB_STATES, raw: true });
}

/** Where rows of a model wait at first; null for rows that name none. */
export function queueOf(model: string | null = null, stage = 0): Queue {
  return { model, stage };
}
