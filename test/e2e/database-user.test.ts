import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { writePrompts } from "../helpers/rows.ts";

const server = await startOwnPostgres();
afterAll(() => server?.close());

/** What the page for operators says to run as the server's own administrator. */
function printedSql(): string {
  const page = readFileSync(join(import.meta.dirname, "../../OPERATIONS.md"), "utf8");
  return page.match(/```sql\n([^`]+)```/)![1]!;
}

async function asAdministrator(sql: string): Promise<void> {
  const client = new pg.Client(server!.url);
  await client.connect();
  await client.query(sql);
  await client.end();
}

function asUser(name: string): string {
  const url = new URL(server!.url);
  url.username = name;
  return url.href;
}

describe.skipIf(server === null)("a user of the database with few rights", () => {
  test("works in the schema that it was given, as OPERATIONS.md prints it", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    await asAdministrator(printedSql());
    const args = ["run", "prompts.jsonl", "--provider", "sim"];
    const { code, stderr } = await runCli(args, { cwd, env: { LLM_BATCH_DB: asUser("batch") } });
    expect(code, stderr).toBe(0);
  });
});
