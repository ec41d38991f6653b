import { LlmBatchError } from "../domain/errors.ts";
import { LATER_SETTINGS, type RequestSettings } from "../domain/request.ts";
import type { Run, RunState, Source } from "../domain/run.ts";
import type { NewRun } from "../ports/import.ts";

/** A run as it is stored. */
export interface RunRow {
  number: number;
  id: string;
  state: RunState;
  fingerprint: string;
  request: string;
  options: string;
  sources: string;
  output: string | null;
  written: string | null;
  createdAt: number;
  finishedAt: number | null;
}

/** A run as it is stored at the start of its import. */
export interface NewRunRow
  extends Pick<RunRow, "id" | "fingerprint" | "request" | "options" | "sources" | "output" | "createdAt"> {
  samples: number;
}

export function newRunRow(
  { fingerprint, request, options, sources, output }: NewRun,
  target: Pick<NewRunRow, "id" | "createdAt">,
): NewRunRow {
  return {
    ...target,
    fingerprint,
    request: JSON.stringify(request),
    samples: request.samples,
    options: JSON.stringify(options),
    sources: JSON.stringify(sources),
    output,
  };
}

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    state: row.state,
    fingerprint: row.fingerprint,
    sources: JSON.parse(row.sources) as Source[],
    request: { ...LATER_SETTINGS, ...(JSON.parse(row.request) as RequestSettings) },
    options: JSON.parse(row.options) as Run["options"],
    output: row.output,
    written: row.written,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  };
}

export function runNotFound(id: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_NOT_FOUND",
    message: `there is no run ${id} in this database`,
    hint: "list the runs with `llm-batch runs`",
  });
}

export function runInUse(id: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_IN_USE",
    message: `another process is working on ${id}`,
    hint: `stop that process, or end the run with \`llm-batch cancel ${id}\``,
  });
}

export function beingImported(id: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_BEING_IMPORTED",
    message: `another process is importing the same input, as ${id}`,
    hint: "run the same command again when it is done, to share the work",
  });
}
