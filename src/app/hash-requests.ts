import type { Run } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";
import { type BuildRequest, type BuiltRequest, compileRequest } from "../request/compile-request.ts";
import { requestHash } from "../request/request-hash.ts";
import { RowError } from "../request/row-error.ts";

/** Rows of one transaction. */
const BATCH_ROWS = 1_000;

/**
 * Makes the answers of earlier runs known by their requests, where they were not asked to be when they were imported:
 * what `--reuse` looks them up by.
 */
export async function hashRequests(store: Store): Promise<void> {
  for (const run of await store.listRuns()) {
    if (run.state !== "importing") await hashRun(store, run);
  }
}

async function hashRun(store: Store, { id, request }: Run): Promise<void> {
  const build = compileRequest(request);
  let after = 0;
  for (;;) {
    const rows = await store.unhashed(id, after, BATCH_ROWS);
    if (rows.length === 0) return;
    await store.setHashes(
      rows.flatMap(({ id, row }) => {
        const built = builtOf(build, row);
        return built === null ? [] : [{ id, hash: requestHash(request.baseUrl, built) }];
      }),
    );
    after = rows.at(-1)!.id;
  }
}

/** Null for a row that an earlier version has let in, and that can't be sent any more. */
function builtOf(build: BuildRequest, row: string): BuiltRequest | null {
  try {
    return build(row, null);
  } catch (error) {
    if (error instanceof RowError) return null;
    throw error;
  }
}
