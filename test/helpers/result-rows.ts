import type { Run } from "../../src/domain/run.ts";
import type { PageQuery, ResultRow } from "../../src/ports/results.ts";
import { requestSettings } from "./request-settings.ts";

/** A succeeded result, and what a test wants otherwise. */
export function resultRow(wanted: Partial<ResultRow> = {}): ResultRow {
  return {
    id: 1,
    key: "row-1",
    source: 0,
    state: "succeeded",
    row: '{"prompt":"Hello?"}',
    output: '"Hi."',
    errorCode: null,
    errorMessage: null,
    httpStatus: 200,
    model: "m-2026",
    finishReason: "stop",
    inputTokens: 10,
    cachedInputTokens: 2,
    outputTokens: 3,
    costUsd: 0.0001,
    attempts: 1,
    latencyMs: 812,
    requestId: null,
    raw: null,
    sample: 1,
    reasoningTokens: 0,
    serviceTier: null,
    provider: "sim",
    answeredBy: null,
    ...wanted,
  };
}

/** A run that is finished, and what a test wants otherwise. */
export function finishedRun(wanted: Partial<Run> = {}): Run {
  return {
    id: "r_test0001",
    state: "finished",
    fingerprint: "f",
    sources: [{ path: "in.jsonl", format: "jsonl", hash: "h", columns: null }],
    request: requestSettings(),
    options: {},
    output: null,
    written: null,
    createdAt: 0,
    finishedAt: 0,
    ...wanted,
  };
}

/** Pages over rows in memory, in the order of their ids. */
export class MemoryPages {
  readonly #rows: readonly ResultRow[];
  /** What was asked for, page by page. */
  readonly queries: PageQuery[] = [];

  constructor(rows: readonly ResultRow[]) {
    this.#rows = rows;
  }

  async page(_run: string, query: PageQuery): Promise<ResultRow[]> {
    this.queries.push(query);
    const { after, limit, states, raw } = query;
    return this.#rows
      .filter(({ id, state }) => id > after && states.includes(state))
      .slice(0, limit)
      .map((row) => (raw ? row : { ...row, raw: null }));
  }
}
