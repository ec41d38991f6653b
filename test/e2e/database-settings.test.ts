import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { splitWords } from "../helpers/shell-words.ts";
import { at, simulate } from "../helpers/simulate.ts";

const server = await startOwnPostgres();
afterAll(() => server?.close());

/** What the page for operators says to run as the server's own administrator. */
function printedSql(): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/OPERATIONS.md"), "utf8");
  return page.match(/```sql\n([^`]+)```/)![1]!;
}

async function asAdministrator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(server!.url);
  await client.connect();
  return work(client).finally(() => client.end());
}

/** The environment of a user who has been given a schema, and what the server's administrator sets for them. */
async function newUser(name: string, ...settings: string[]): Promise<{ LLM_BATCH_DB: string }> {
  const grants = [`CREATE ROLE ${name} LOGIN`, `CREATE SCHEMA ${name} AUTHORIZATION ${name}`];
  const limits = settings.map((setting) => `ALTER ROLE ${name} SET ${setting}`);
  await asAdministrator((client) => client.query([...grants, ...limits].join(";")));
  return asUser(name, `?schema=${name}`);
}

function asUser(name: string, parameters = ""): { LLM_BATCH_DB: string } {
  const url = new URL(parameters, server!.url);
  url.username = name;
  return { LLM_BATCH_DB: url.href };
}

/** Locks a table out of everybody's reach until somebody has waited for it for so long. */
function lockUntilWaitedFor(table: string, ms: number): Promise<void> {
  return asAdministrator(async (client) => {
    await client.query(`BEGIN; LOCK TABLE ${table}`);
    const waitingMs = async (): Promise<number> => {
      const { rows } = await client.query(`
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float * 1000 AS ms
        FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'llm-batch writer%'`);
      return rows[0].ms;
    };
    await expect.poll(waitingMs).toBeGreaterThan(ms);
    await client.query("ROLLBACK");
  });
}

describe.skipIf(server === null)("what the server's administrator has set", () => {
  test("a user works in the schema that it was given, as docs/OPERATIONS.md prints it", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    await asAdministrator((client) => client.query(printedSql()));
    const args = ["run", "prompts.jsonl", "--provider", "sim"];
    const { code, stderr } = await runCli(args, { cwd, env: asUser("batch") });
    expect(code, stderr).toBe(0);
  });

  test("a password that is missing is told as that, and one that stands in ~/.pgpass is used without a word", async () => {
    const cwd = tempFolder();
    const env = await newUser("guarded");
    await asAdministrator(async (client) => {
      await client.query("ALTER ROLE guarded PASSWORD 'secret'");
      const { rows } = await client.query("SHOW hba_file");
      const rules = ["host all guarded all scram-sha-256", "host all all all trust"];
      await client.query(
        `COPY (SELECT unnest('{${rules.map((rule) => `"${rule}"`)}}'::text[])) TO '${rows[0].hba_file}'`,
      );
      await client.query("SELECT pg_reload_conf()");
    });
    const runs = () => runCli(["runs"], { cwd, env });
    await expect.poll(async () => (await runs()).stderr).toMatch(/^DB_REFUSED: .+\nhint: .+PGPASSWORD/);
    writeFileSync(join(cwd, ".pgpass"), "*:*:*:guarded:secret", { mode: 0o600 });
    expect((await runs()).stderr).toMatch(/^DB_NOT_FOUND: .+\nhint: .+\n$/);
  });

  test("a command that is printed finds the same job table, whatever its address holds", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const { LLM_BATCH_DB } = await newUser("elsewhere");
    const { port, pathname } = new URL(LLM_BATCH_DB);
    const db = `postgres://${pathname}?host=127.0.0.1&port=${port}&user=elsewhere&schema=elsewhere&password=x`;
    await runHere(["run", "prompts.jsonl", "--provider", "sim", "--detach", "--db", db], { cwd });
    const { stdout } = await runCli(["status", "--db", db], { cwd });
    const [, ...args] = splitWords(stdout.match(/llm-batch resume .+/)![0]);
    expect(args.join(" ")).not.toContain("password");
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
  });

  test("locks are waited for longer than the user's limits say, which loses no answer", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 100);
    const env = await newUser("hasty", "lock_timeout = '50ms'", "statement_timeout = '50ms'");
    const provider = await simulate(["answer", "echo"], ["latency", "100ms"]);
    const { ended } = startCli(["run", "prompts.jsonl", ...at(provider), "-c", "4", "-o", "results.jsonl"], {
      cwd,
      env,
    });
    await expect.poll(() => provider.stats().calls).toBeGreaterThan(20);
    await lockUntilWaitedFor("hasty.jobs", 200);
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect(provider.stats().calls).toBe(prompts.length);
  });

  test("statements that are cancelled are made again", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 100);
    const env = await newUser("cancelled");
    const provider = await simulate(["answer", "echo"], ["latency", "100ms"]);
    const { ended } = startCli(["run", "prompts.jsonl", ...at(provider), "-c", "4", "-o", "results.jsonl"], {
      cwd,
      env,
    });
    await expect.poll(() => provider.stats().calls).toBeGreaterThan(20);
    await asAdministrator(async (client) => {
      await client.query("BEGIN; LOCK TABLE cancelled.jobs");
      const cancel = async (): Promise<number | null> => {
        const { rowCount } = await client.query(`
          SELECT pg_cancel_backend(pid) FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND application_name LIKE 'llm-batch writer%'`);
        return rowCount;
      };
      await expect.poll(cancel).toBeGreaterThan(0);
    });
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect(provider.stats().calls).toBe(prompts.length);
  });

  test("a user that may only read is told so at once", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const env = await newUser("reader", "default_transaction_read_only = on");
    const { code, stderr } = await runCli(["run", "prompts.jsonl", "--provider", "sim"], { cwd, env });
    expect(stderr).toMatch(/^DB_READ_ONLY: .*standby.*\nhint: /m);
    expect(code).toBe(2);
  });

  test("a server without another connection to give is told as that", async () => {
    const cwd = tempFolder();
    const env = await newUser("crowded");
    await asAdministrator((client) => client.query("ALTER ROLE crowded CONNECTION LIMIT 0"));
    const { code, stderr } = await runCli(["runs"], { cwd, env });
    expect(stderr).toMatch(/^DB_UNREACHABLE: .+too many connections.+\nhint: .+two connections.+pgbouncer/);
    expect(code).toBe(75);
  });

  test("transactions see what others commit, whatever the user's own would see", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const env = await newUser("isolated", "default_transaction_isolation = 'serializable'");
    await runHere(["run", "prompts.jsonl", "--provider", "sim", "--detach"], { cwd, env });
    await asAdministrator((client) =>
      client.query(`
        CREATE FUNCTION isolated.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'in a transaction that is %', current_setting('transaction_isolation'); END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON isolated.jobs FOR EACH ROW
          WHEN (current_setting('transaction_isolation') <> 'read committed') EXECUTE FUNCTION isolated.refuse()`),
    );
    const { code, stderr } = await runCli(["resume"], { cwd, env });
    expect(code, stderr).toBe(0);
  });

  test.each([
    ["lazy", "off", "full", "on"],
    ["careful", "remote_apply", "full", "remote_apply"],
    ["hurried", "on", "normal", "off"],
  ])(
    "%s: with synchronous_commit = %s, --durability %s commits with %s",
    async (name, set, durability, wanted) => {
      const cwd = tempFolder();
      writePrompts(cwd, 3);
      const env = await newUser(name, `synchronous_commit = '${set}'`);
      await runHere(["run", "prompts.jsonl", "--provider", "sim", "--detach"], { cwd, env });
      await asAdministrator((client) =>
        client.query(`
        CREATE FUNCTION ${name}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'with %', current_setting('synchronous_commit'); END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ${name}.results FOR EACH ROW
          WHEN (current_setting('synchronous_commit') <> '${wanted}') EXECUTE FUNCTION ${name}.refuse()`),
      );
      const { code, stderr } = await runCli(["resume", "--durability", durability], { cwd, env });
      expect(code, stderr).toBe(0);
    },
  );

  test.each([
    ["broken", "58030", /DB_IO_ERROR: .*the server's disk failed \(it is not to be/],
    [
      "strange",
      "P0001",
      /DB_ERROR: .*\(P0001: it is not to be.*\nhint: .*its log.* the same command goes on/s,
    ],
  ])(
    "an error of a %s server ends a worker in good order: what it had in hand is recorded by the next",
    async (name, code, told) => {
      const cwd = tempFolder();
      const prompts = writePrompts(cwd, 60);
      const env = await newUser(name);
      const provider = await simulate(["answer", "echo"], ["latency", "20ms"]);
      await runHere(["run", "prompts.jsonl", ...at(provider), "--detach"], { cwd, env });
      await asAdministrator((client) =>
        client.query(`
        CREATE FUNCTION ${name}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF (SELECT count(*) FROM ${name}.results) >= 10 THEN
            RAISE EXCEPTION 'it is not to be' USING ERRCODE = '${code}';
          END IF;
          RETURN NEW; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON ${name}.results FOR EACH ROW EXECUTE FUNCTION ${name}.fail()`),
      );
      const ended = await runCli(["work", "--exit-when-idle", "-c", "4"], { cwd, env });
      expect(ended.stderr).toMatch(told);
      expect(ended.code).toBe(75);
      await asAdministrator((client) => client.query(`DROP TRIGGER fail ON ${name}.results`));
      const resumed = await runCli(["resume", "-o", "results.jsonl"], { cwd, env });
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
      expect(provider.stats().calls).toBe(prompts.length);
    },
  );

  test("a database that can't keep every character is refused before anything is sent", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    await asAdministrator((client) =>
      client.query("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"),
    );
    const env = { LLM_BATCH_DB: new URL("latin", server!.url).href };
    const { code, stderr } = await runCli(["run", "prompts.jsonl", "--provider", "sim"], { cwd, env });
    expect(stderr).toMatch(/^DB_ENCODING: .* LATIN1, .*\nhint: .*ENCODING 'UTF8'/m);
    expect(code).toBe(2);
  });
});
