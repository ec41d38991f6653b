import { describe, expect, test } from "vitest";
import { isAddress, parseAddress } from "../../../../src/store/postgres/address.ts";
import { databaseFault } from "../../../../src/store/postgres/database-error.ts";

const SECRET = "s3cr%2Fet";

describe("the address of a database", () => {
  test.each([
    [`postgres://me:${SECRET}@db:6432/work`, "postgres://me@db:6432/work"],
    [`postgresql://me:${SECRET}@db/work?sslmode=require`, "postgres://me@db/work"],
    [`postgres://me:${SECRET}@db/work?schema=team_a`, "postgres://me@db/work?schema=team_a"],
    [`postgres://db/work?user=me&password=${SECRET}`, "postgres://db/work"],
    [`postgres:///work?host=/run/postgresql`, "postgres:///run/postgresql/work"],
    [`postgres://me:${SECRET}@/work?host=/run/postgresql`, "postgres://me@/run/postgresql/work"],
    [`postgres://me:${SECRET}@:6432/work`, "postgres://me@localhost:6432/work"],
  ])("is shown without what is secret: %s", (text, shown) => {
    expect(isAddress(text)).toBe(true);
    expect(parseAddress(text).shown).toBe(shown);
  });

  test.each([`postgres://me:${SECRET}@db/w`, `postgres://db/w?password=${SECRET}`])(
    "keeps the password out of errors: %s",
    (text) => {
      const address = parseAddress(text);
      for (const form of [SECRET, "s3cr/et"]) {
        const error = Object.assign(new Error(`refused ${form}`), { code: "28P01" });
        const { message } = databaseFault(error, address)!;
        expect(message).toContain("refused ***");
        expect(message).not.toContain(form);
      }
    },
  );

  test.each(["postgres://me:pw@a,b/w", "postgres://a:5432,b:5433/w", "postgres:///w?host=a,b"])(
    "of several hosts is refused with a way on: %s",
    (text) => {
      expect(() => parseAddress(text)).toThrow(/^--db: names several hosts: give the one that takes writes/);
    },
  );

  test.each(["postgres://me:a,b@db/w", "postgres:///w?host=/run/a,b"])(
    "may hold a comma elsewhere: %s",
    (text) => {
      expect(() => parseAddress(text)).not.toThrow();
    },
  );

  test.each([
    ["postgres://me:pw@db:port/x", /not an address/],
    ["postgres://me:pw@db/x?schema=A-b", /schema "A-b"/],
    ["postgres://me:pw@db/x?pooler=session", /pooler/],
    ["postgres://me:pw@db/x?connect_timeout=soon", /connect_timeout/],
    ["postgres://me:pw@db/x?sslmod=verify-full", /unknown parameter "sslmod", did you mean sslmode\?/],
    ["postgres://me:pw@db/x?sslmode=prefer", /sslmode is one of disable, require/],
    ["postgres://me:pw@db/x?sslmode=require&sslrootcert=none.pem", /sslrootcert: ENOENT/],
    ["postgres://me:pw@db/x?sslrootcert=none.pem", /need an sslmode/],
  ])("is refused without being repeated: %s", (text, message) => {
    const refuse = () => parseAddress(text);
    expect(refuse).toThrow(message);
    expect(refuse).not.toThrow(/pw/);
  });

  test("a server whose full disk lets nobody connect is told as that", () => {
    const error = Object.assign(new Error("could not write init file"), { code: "XX000" });
    expect(databaseFault(error, parseAddress("postgres://me@db/w"))?.code).toBe("DISK_FULL");
  });

  test("names one job table, however it is written", () => {
    const identity = (text: string) => parseAddress(text).identity;
    expect(identity("postgres://a:1@db/work")).toBe(
      identity("postgresql://b:2@db:5432/work?schema=llm_batch"),
    );
    expect(identity("postgres://a@db/work")).not.toBe(identity("postgres://a@db/work?schema=other"));
  });
});
