import { LlmBatchError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import type { Run } from "../domain/run.ts";
import type { Store, StoreReader } from "../ports/store.ts";
import { openStore, openStoreReader } from "../store/sqlite/open.ts";
import type { Invocation } from "./context.ts";
import { printableLine } from "./printable.ts";

/**
 * Opens the database to work on it, and closes it whatever happens. Only `run` may make a new one. Commits are fully durable
 * unless the run that is worked on asks for less.
 */
export async function withStore<T>(
  invocation: Invocation,
  work: (store: Store) => Promise<T>,
  { mustExist = true }: { mustExist?: boolean } = {},
): Promise<T> {
  const { context, globals } = invocation;
  const { clock, random, stateFolders } = context;
  const options = { clock, random, mustExist, tell: teller(invocation), stateFolders };
  if (globals.address !== null) {
    const { openStore } = await import("../store/postgres/open.ts");
    return closing(await openStore({ ...options, address: globals.address }), work);
  }
  return closing(await openStore({ ...options, path: globals.db, durability: "full" }), work);
}

/** Opens the database to read it, and closes it whatever happens. */
export async function withReader<T>(
  invocation: Invocation,
  work: (store: StoreReader) => Promise<T>,
): Promise<T> {
  const { context, globals } = invocation;
  const { clock, random, stateFolders } = context;
  const options = { clock, random, tell: teller(invocation), stateFolders };
  if (globals.address !== null) {
    const { openStoreReader } = await import("../store/postgres/open.ts");
    return closing(await openStoreReader({ ...options, address: globals.address }), work);
  }
  return closing(await openStoreReader({ ...options, path: globals.db }), work);
}

/** What becomes of a database that fails in mid-work. */
function teller({ context, globals }: Invocation): (text: string) => void {
  return (text) => {
    if (!globals.quiet) context.stderr.write(`${printableLine(text)}\n`);
  };
}

async function closing<S extends StoreReader, T>(store: S, work: (store: S) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

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

/** One that is being imported, or whose import was cut off, is nobody's latest: it has to be named. */
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
