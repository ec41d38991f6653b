import type { UnhashedRow } from "../../ports/store.ts";
import { jobSql, type KeyRange, keyRange } from "../keys.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const UNHASHED = statement<KeyRange & { limit: number }, UnhashedRow>(`
  SELECT inputs.id, inputs.row FROM {inputs} JOIN {runs} ON runs.number = inputs.run
  WHERE inputs.id BETWEEN @first AND @last AND inputs.request_hash IS NULL AND EXISTS (
    SELECT 1 FROM {results} WHERE results.job BETWEEN ${jobSql("inputs.id", "runs.samples", "1")}
      AND ${jobSql("inputs.id", "runs.samples", "runs.samples")})
  ORDER BY inputs.id LIMIT @limit`);
const SET = statement<{ ids: number[]; hashes: Buffer[] }>(`
  UPDATE {inputs} SET request_hash = given.hash FROM unnest(@ids::bigint[], @hashes::bytea[]) AS given (id, hash)
  WHERE inputs.id = given.id`);

/** Rows that have an answer and no hash, after the row with that key. */
export function unhashedRows(
  session: Session,
  run: number,
  after: number,
  limit: number,
): Promise<UnhashedRow[]> {
  const { first, last } = keyRange(run);
  return session.all(UNHASHED, { first: Math.max(first, after + 1), last, limit });
}

/** Part of a write. */
export async function setHashes(
  session: Session,
  hashes: readonly { id: number; hash: Buffer }[],
): Promise<void> {
  await session.run(SET, { ids: hashes.map(({ id }) => id), hashes: hashes.map(({ hash }) => hash) });
}
