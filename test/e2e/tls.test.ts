import { afterAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../helpers/certificates.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { writePrompts } from "../helpers/rows.ts";

const certificates = makeCertificates();
if (certificates === null) process.stderr.write("SKIPPED: TLS to PostgreSQL, since there is no openssl\n");
const server =
  certificates &&
  (await startOwnPostgres({ ssl: "on", ssl_cert_file: certificates.cert, ssl_key_file: certificates.key }));
const plain = certificates && (await startOwnPostgres());

afterAll(async () => {
  await server?.close();
  await plain?.close();
  certificates?.remove();
});

let schemas = 0;

/** Imports a row at an address whose host is `localhost`, as the certificate says, or 127.0.0.1, as it doesn't. */
function detached(
  parameters: string,
  { host = "localhost", at = server }: { host?: string; at?: typeof server } = {},
) {
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const url = new URL(at!.url);
  url.hostname = host;
  schemas += 1;
  url.search = `schema=tls_${process.pid}_${schemas}&${parameters}`;
  const args = ["run", "prompts.jsonl", "--provider", "sim", "--detach"];
  return runCli(args, { cwd, env: { LLM_BATCH_DB: url.href } });
}

describe.skipIf(!server)("a server that speaks TLS", () => {
  const { ca = "", otherCa = "" } = certificates ?? {};

  test.each([
    ["sslmode=require", "127.0.0.1"],
    ["sslmode=no-verify", "127.0.0.1"],
    [`sslmode=require&sslrootcert=${ca}`, "127.0.0.1"],
    [`sslmode=verify-ca&sslrootcert=${ca}`, "127.0.0.1"],
    [`sslmode=verify-full&sslrootcert=${ca}`, "localhost"],
    ["sslmode=disable", "localhost"],
  ])("is worked with by %s at %s, without a warning", async (parameters, host) => {
    const { code, stderr } = await detached(parameters, { host });
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/warning/i);
  });

  test.each([
    [`sslmode=verify-full&sslrootcert=${ca}`, "127.0.0.1", /IP: 127\.0\.0\.1 is not in the cert's list/],
    [`sslmode=verify-full&sslrootcert=${otherCa}`, "localhost", /unable to verify|issuer certificate/],
    [`sslmode=require&sslrootcert=${otherCa}`, "localhost", /unable to verify|issuer certificate/],
    ["sslmode=verify-full", "localhost", /unable to verify|issuer certificate/],
  ])("is refused by %s at %s, with what to do", async (parameters, host, why) => {
    const { code, stderr } = await detached(parameters, { host });
    expect(stderr).toMatch(/^DB_UNTRUSTED: postgres:.+\nhint: .+sslrootcert=FILE/m);
    expect(stderr).toMatch(why);
    expect(code).toBe(2);
  });

  test("one that speaks none is refused where it is asked for", async () => {
    const { code, stderr } = await detached("sslmode=require", { at: plain });
    expect(stderr).toMatch(/^DB_UNTRUSTED: .+does not support SSL.+\nhint: /m);
    expect(code).toBe(2);
  });
});
