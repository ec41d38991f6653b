import { LlmBatchError } from "../../domain/errors.ts";
import { nearest } from "../../domain/nearest.ts";
import { databaseName } from "../spool.ts";
import { TLS_PARAMETERS, type Tls, tlsOf } from "./tls.ts";

/** Where a job table is kept in PostgreSQL. */
export interface Address {
  /** For the driver alone: may hold the password. */
  connection: string;
  /** The schema of our own. */
  schema: string;
  /** For people: without the password, and whatever else is given after the `?`. */
  shown: string;
  /** For a command that finds the same job table: all that was given but the password. */
  withoutPassword: string;
  /** Told by `?pooler=transaction`: what a session keeps doesn't outlive a transaction. Null: found out. */
  pooler: boolean | null;
  connectTimeoutMs: number;
  tls: Tls;
  /** Equal for all who open the same job table. */
  identity: string;
  /** Takes the password out of a text. */
  redact(text: string): string;
}

const DEFAULT_SCHEMA = "llm_batch";
const CONNECT_TIMEOUT_MS = 10_000;
/** Parameters of the address that are read here. */
const OWN: readonly string[] = ["schema", "pooler", "connect_timeout", ...TLS_PARAMETERS];
/** Those that are left to the driver. */
const DRIVERS: readonly string[] = ["host", "port", "user", "password", "application_name", "options"];

export function isAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

/** @throws LlmBatchError BAD_OPTION; the address is not repeated. */
export function parseAddress(text: string): Address {
  const url = parse(text);
  const { searchParams: given } = url;
  refuseUnknown(given);
  const schema = given.get("schema") ?? DEFAULT_SCHEMA;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw bad(`schema ${JSON.stringify(schema)} is no name of small letters, digits and underscores`);
  }
  const parameter = given.get("password") ?? "";
  const secrets = [url.password, decode(url.password), parameter, encodeURIComponent(parameter)].filter(
    Boolean,
  );
  const host = given.get("host") ?? url.hostname;
  refuseSeveral(host);
  const database = decode(url.pathname.slice(1)) || decode(url.username);
  const port = url.port || given.get("port") || "5432";
  const place = [host || "localhost", port, database, schema];
  const pooler = poolerOf(given.get("pooler"));
  const connectTimeoutMs = timeoutOf(given.get("connect_timeout"));
  const tls = tlsOf(given, (why) => {
    throw bad(why);
  });
  const withoutPassword = withoutPasswordOf(url);
  for (const name of OWN) given.delete(name);
  return {
    connection: url.href,
    schema,
    shown: shownOf(url, host, schema),
    withoutPassword,
    pooler,
    connectTimeoutMs,
    tls,
    identity: databaseName(JSON.stringify(place)),
    redact: (message) => secrets.reduce((safe, secret) => safe.replaceAll(secret, "***"), message),
  };
}

function parse(text: string): URL {
  const [, authority] = /^\w+:\/\/([^/?#]*)/.exec(text)!;
  refuseSeveral(authority!.slice(authority!.lastIndexOf("@") + 1));
  try {
    // Who names a socket by `host=` may leave the host out, which a URL with a user can't.
    return new URL(text.replace(/^(\w+:\/\/[^/?#]*@)(?=[:/?])/, "$1localhost"));
  } catch {
    throw bad("not an address (special characters of a password are written as %XX)");
  }
}

/** libpq would try them in turn, which the driver doesn't. */
function refuseSeveral(hosts: string): void {
  if (hosts.includes(",") && !hosts.startsWith("/"))
    throw bad("names several hosts: give the one that takes writes, or a proxy's that knows it");
}

/** A name that is written wrongly must not turn the check of a certificate off. */
function refuseUnknown(given: URLSearchParams): void {
  const known = [...OWN, ...DRIVERS];
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw bad(`unknown parameter ${JSON.stringify(unknown)}${near === null ? "" : `, did you mean ${near}?`}`);
}

function shownOf(url: URL, host: string, schema: string): string {
  const user = url.username === "" ? "" : `${url.username}@`;
  const port = url.port === "" ? "" : `:${url.port}`;
  const parameters = schema === DEFAULT_SCHEMA ? "" : `?schema=${schema}`;
  return `postgres://${user}${host}${port}${url.pathname}${parameters}`;
}

function withoutPasswordOf(url: URL): string {
  const copy = new URL(url);
  copy.password = "";
  copy.searchParams.delete("password");
  return copy.href;
}

function poolerOf(value: string | null): boolean | null {
  if (value === null) return null;
  if (value !== "transaction" && value !== "none") throw bad("pooler is transaction or none");
  return value === "transaction";
}

function timeoutOf(value: string | null): number {
  if (value === null) return CONNECT_TIMEOUT_MS;
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw bad("connect_timeout is a whole number of seconds, 1 or more");
  return seconds * 1_000;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bad(why: string): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `--db: ${why}`,
    hint: "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, best in the environment as LLM_BATCH_DB",
  });
}
