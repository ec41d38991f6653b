import { LlmBatchError } from "../domain/errors.ts";
import type { Run } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";
import { openStore } from "../store/sqlite/store.ts";
import type { Invocation } from "./context.ts";

/** Opens the database, does the work, and closes it whatever happens. */
export async function withStore<T>(
  { context, globals }: Invocation,
  mode: "read" | "write",
  work: (store: Store) => Promise<T>,
  durability: "full" | "normal" = "full",
): Promise<T> {
  const { clock, random } = context;
  const store = await openStore({ path: globals.db, clock, random, durability, mode });
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
export async function findRun(store: Store, id: unknown, db: string): Promise<Run> {
  const run = await store.findRun(typeof id === "string" ? { id } : "latest");
  if (run) return run;
  throw new LlmBatchError({
    code: "RUN_NOT_FOUND",
    message: typeof id === "string" ? `${db}: no run ${JSON.stringify(id)}` : `${db}: no runs in this database`,
    hint: "list the runs with `llm-batch runs`, or name another database with --db",
  });
}
