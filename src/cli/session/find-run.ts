import { LlmBatchError } from "../../domain/errors.ts";
import { nearest } from "../../domain/nearest.ts";
import type { Run } from "../../domain/run.ts";
import type { StoreReader } from "../../ports/store.ts";

/**
 * The run that the user names, or the latest.
 * @throws LlmBatchError RUN_NOT_FOUND
 */
export async function findRun(store: StoreReader, id: unknown, db: string): Promise<Run> {
  const run = await store.findRun(typeof id === "string" ? { id } : "latest");
  if (run) return run;
  throw typeof id === "string" ? await unknownRun(store, id, db) : await noRuns(store, db);
}

async function unknownRun(store: StoreReader, id: string, db: string): Promise<LlmBatchError> {
  const ids = (await store.listRuns()).map((run) => run.id);
  const near = nearest(id, ids);
  const guess = near === null ? "" : `did you mean ${near}? `;
  return new LlmBatchError({
    code: "RUN_NOT_FOUND",
    message: `${db}: no run ${JSON.stringify(id)}`,
    hint: `${guess}list the runs with \`llm-batch runs\`, or name another database with --db`,
  });
}

/** Without an id only runs that have all their rows are found: one that is still being imported has to be named. */
async function noRuns(store: StoreReader, db: string): Promise<LlmBatchError> {
  const importing = (await store.listRuns())[0]?.id;
  if (importing !== undefined) {
    return new LlmBatchError({
      code: "RUN_NOT_FOUND",
      message: `${db}: no run here has all of its rows yet`,
      hint: `see how far the import of ${importing} is: \`llm-batch status ${importing}\``,
    });
  }
  return new LlmBatchError({
    code: "RUN_NOT_FOUND",
    message: `${db}: no runs in this database`,
    hint: "start one with `llm-batch run FILE`, or name another database with --db",
  });
}

export function rowNotFound(run: string, id: string): LlmBatchError {
  return new LlmBatchError({
    code: "ROW_NOT_FOUND",
    message: `${run}: no row with the id ${JSON.stringify(id)}`,
    hint: "rows without an id of their own are called row-1, row-2, …",
  });
}
