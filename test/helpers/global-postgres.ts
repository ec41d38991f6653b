import { startPostgres } from "./postgres-server.ts";

/** One server for all test files of a run with `LLM_BATCH_TEST_DB=postgres`: they find it by `DATABASE_URL`. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  if (server === null) throw new Error("LLM_BATCH_TEST_DB=postgres needs a PostgreSQL server");
  process.env.DATABASE_URL = server.url;
  return () => server.close();
}
