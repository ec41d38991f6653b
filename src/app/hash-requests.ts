import type { Run } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";
import { compileRequest } from "../request/compile-request.ts";
import { requestHash } from "../request/request-hash.ts";

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
    const hashes = rows.map((row) => ({
      id: row.id,
      hash: requestHash(request.baseUrl, build(row.row, null)),
    }));
    await store.setHashes(hashes);
    after = rows.at(-1)!.id;
  }
}
