import type { Run } from "../../domain/run.ts";
import type { RunSelector } from "../../ports/store.ts";
import { type RunRow, runNotFound, toRun } from "../run-row.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const COLUMNS = `number, id, state, fingerprint, request, options, sources, output, written,
  created_at AS "createdAt", finished_at AS "finishedAt"`;
const NEWEST = "ORDER BY number DESC LIMIT 1";
const BY_ID = statement<{ id: string }, RunRow>(`SELECT ${COLUMNS} FROM {runs} WHERE id = @id`);
const BY_FINGERPRINT = statement<{ fingerprint: string }, RunRow>(
  `SELECT ${COLUMNS} FROM {runs} WHERE fingerprint = @fingerprint AND state <> 'importing' ${NEWEST}`,
);
const BY_PATH = statement<{ path: string }, RunRow>(
  `SELECT ${COLUMNS} FROM {runs} WHERE path = @path AND state <> 'importing' ${NEWEST}`,
);
const LATEST = statement<object, RunRow>(
  `SELECT ${COLUMNS} FROM {runs} WHERE state <> 'importing' ${NEWEST}`,
);
const LATEST_UNFINISHED = statement<object, RunRow>(
  `SELECT ${COLUMNS} FROM {runs} WHERE state = 'open' ${NEWEST}`,
);
const ALL = statement<object, RunRow>(`SELECT ${COLUMNS} FROM {runs} ORDER BY number DESC`);
const NUMBER = statement<{ id: string }, { number: number }>("SELECT number FROM {runs} WHERE id = @id");

/** The newest run that fits; one that is still being imported is found by its id alone. */
export async function findRun(session: Session, by: RunSelector): Promise<Run | null> {
  const row = await select(session, by);
  return row === undefined ? null : toRun(row);
}

export async function listRuns(session: Session): Promise<Run[]> {
  return (await session.all(ALL, {})).map(toRun);
}

/** @throws LlmBatchError RUN_NOT_FOUND */
export async function numberOf(session: Session, id: string): Promise<number> {
  const row = await session.first(NUMBER, { id });
  if (row === undefined) throw runNotFound(id);
  return row.number;
}

function select(session: Session, by: RunSelector): Promise<RunRow | undefined> {
  if (by === "latest") return session.first(LATEST, {});
  if (by === "latest-unfinished") return session.first(LATEST_UNFINISHED, {});
  if ("id" in by) return session.first(BY_ID, by);
  return "path" in by ? session.first(BY_PATH, by) : session.first(BY_FINGERPRINT, by);
}
