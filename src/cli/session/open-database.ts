import type { Store, StoreReader } from "../../ports/store.ts";
import { openStore, openStoreReader } from "../../store/sqlite/open.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../text/printable.ts";

/**
 * Opens the database to work on it, and closes it whatever happens. Only `run` and `work` may make a new one. Commits are fully durable
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
    const { openStore } = await import("../../store/postgres/open.ts");
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
    const { openStoreReader } = await import("../../store/postgres/open.ts");
    return closing(await openStoreReader({ ...options, address: globals.address }), work);
  }
  return closing(await openStoreReader({ ...options, path: globals.db }), work);
}

/** Tells on stderr what happens to the database meanwhile, such as that it is away. */
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
