import { afterAll, describe } from "vitest";
import { PostgresRig } from "../../helpers/postgres-rig.ts";
import { startPostgres } from "../../helpers/postgres-server.ts";
import { describeStore } from "./suite.ts";

const server = await startPostgres();

afterAll(() => server?.close());

describe.skipIf(server === null)("with a server", () => {
  // The whole of it is a minute: `npm run test:postgres`.
  const scope = process.env.LLM_BATCH_TEST_DB === "postgres" ? "all" : "core";
  describeStore("PostgreSQL", () => new PostgresRig(server!.url), scope);
});
