import type { RowName } from "../../ports/results.ts";
import { jobsOf, type KeyRange, keyOf, ordinalOfDefaultId, runOf } from "../keys.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const ROW = "SELECT inputs.id AS input, runs.samples FROM {inputs} JOIN {runs} ON runs.number = inputs.run";
const BY_KEY = statement<{ run: number; key: string }, FoundRow>(
  `${ROW} WHERE inputs.run = @run AND inputs.key = @key`,
);
const BY_ORDINAL = statement<{ id: number }, FoundRow>(`${ROW} WHERE inputs.id = @id AND inputs.key IS NULL`);

interface FoundRow {
  input: number;
  samples: number;
}

/**
 * The jobs of a row by the id that users know it by, one for each sample, or that of one sample: `q-1#2` is the second
 * answer to `q-1`, unless a row has that very id. A number stands for the one job that has it. Null where there is none.
 */
export async function jobsByRowId(session: Session, run: number, id: RowName): Promise<KeyRange | null> {
  if (typeof id === "number") return runOf(id) === run ? { first: id, last: id } : null;
  const row = await find(session, run, id);
  if (row !== null) return jobsOf({ first: row.input, last: row.input }, row.samples);
  const [, rowId, digits] = /^(.*)#([1-9]\d*)$/s.exec(id) ?? [];
  const sample = Number(digits);
  const sampled = rowId === undefined ? null : await find(session, run, rowId);
  if (sampled === null || sampled.samples === 1 || sample > sampled.samples) return null;
  const { first } = jobsOf({ first: sampled.input, last: sampled.input }, sampled.samples);
  return { first: first + sample - 1, last: first + sample - 1 };
}

async function find(session: Session, run: number, id: string): Promise<FoundRow | null> {
  const byKey = await session.first(BY_KEY, { run, key: id });
  if (byKey !== undefined) return byKey;
  const ordinal = ordinalOfDefaultId(id);
  if (ordinal === null) return null;
  return (await session.first(BY_ORDINAL, { id: keyOf(run, ordinal) })) ?? null;
}
