import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import { codeOf, type Fault, type Faults, faultOf } from "../fault.ts";
import type { Address } from "./address.ts";

const TOO_MANY_CONNECTIONS = "53300";
const GOES_ON = "the same command goes on where it stopped";

const REFUSED: Fault = {
  code: "DB_REFUSED",
  what: "the server refuses the user, its password or the database",
  hint: "check the address: user, password (or PGPASSWORD, ~/.pgpass), database name, and the server's pg_hba.conf",
  exitCode: ExitCode.usage,
};
const UNTRUSTED: Fault = {
  code: "DB_UNTRUSTED",
  what: "no connection that is encrypted as sslmode asks",
  hint: "name the file of its CA with sslrootcert=FILE, and the host as its certificate does; or see what the server offers",
  exitCode: ExitCode.usage,
};
const POOLED: Fault = {
  code: "DB_POOLED",
  what: "a pooler in transaction mode is in between, and hides itself",
  hint: "add pooler=transaction to the address",
  exitCode: ExitCode.usage,
};
const FULL: Fault = {
  code: "DISK_FULL",
  what: "the server's disk is full; everything recorded so far is kept",
  hint: `free some space there; ${GOES_ON}`,
  exitCode: ExitCode.stopped,
};
const BROKEN: Fault = {
  code: "DB_IO_ERROR",
  what: "the server's disk failed",
  hint: `check the disk there; ${GOES_ON}`,
  exitCode: ExitCode.stopped,
};
const FORBIDDEN: Fault = {
  code: "DB_FORBIDDEN",
  what: "the user may not do that",
  hint: "grant it CREATE on the database for the first start, or all rights on the schema, see docs/OPERATIONS.md",
  exitCode: ExitCode.usage,
};
const ALTERED: Fault = {
  code: "DB_ALTERED",
  what: "the tables are not as llm-batch made them",
  hint: "go back to a backup, or name another schema with ?schema=",
  exitCode: ExitCode.usage,
};
const CORRUPT: Fault = {
  code: "DB_CORRUPT",
  what: "the server reports damaged data",
  hint: "save the results with `llm-batch export --partial`, and ask who runs the server",
  exitCode: ExitCode.usage,
};

/** A trigger, an extension or a limit of the server's, a table that was changed under us: what has no fault of its own above. */
const OTHER: Fault = {
  code: "DB_ERROR",
  what: "the server refuses to go on",
  hint: `look into its log, or ask who runs it; ${GOES_ON}`,
  exitCode: ExitCode.stopped,
};

/** By SQLSTATE, or the beginning of one, and by what Node and OpenSSL call a certificate that they don't trust. */
const FAULTS: Faults = [
  ["ERR_TLS_", UNTRUSTED],
  ["ERR_SSL_", UNTRUSTED],
  ["EPROTO", UNTRUSTED],
  ["CERT_", UNTRUSTED],
  ["UNABLE_TO_", UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED],
  // Statements that were prepared by somebody else, or for somebody else.
  ["42P05", POOLED],
  ["26000", POOLED],
  ["28", REFUSED],
  ["3D000", REFUSED],
  ["53100", FULL],
  ["58", BROKEN],
  ["42501", FORBIDDEN],
  ["42P01", ALTERED],
  ["42703", ALTERED],
  ["42P10", ALTERED],
  ["3F000", ALTERED],
  ["XX001", CORRUPT],
  ["XX002", CORRUPT],
];

/**
 * What passes: lost connections, a server that starts, stops or has no room or memory for another, one that was the primary a
 * moment ago, one that gave up a transaction while we slept, and a statement that somebody cancelled, or that waited for
 * another's lock for too long. The driver's own errors have no code.
 */
const AWAY: readonly string[] = [
  "08",
  "25P03",
  "25P04",
  "55P03",
  "57014",
  "57P",
  "53200",
  TOO_MANY_CONNECTIONS,
  "25006",
  "ECONN",
  "EPIPE",
  "ENOTFOUND",
  "EAI_",
  "ENOENT",
];
const AWAY_MORE: readonly string[] = ["EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EADDRNOTAVAIL"];
const DRIVER_AWAY =
  /Connection terminated|timeout expired|timeout exceeded|not queryable|Client was closed|connection error/;

/** Whether the database can't be spoken to now, which may pass. */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isAway);
  const code = codeOf(error);
  if (code !== "") return [...AWAY, ...AWAY_MORE].some((prefix) => code.startsWith(prefix));
  return error instanceof Error && !(error instanceof LlmBatchError) && DRIVER_AWAY.test(error.message);
}

/** Whether two transactions were in each other's way, and this one has to give in. */
export function isConflict(error: unknown): boolean {
  return ["40P01", "40001"].includes(codeOf(error));
}

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === "23505";
}

/** Null for an error that is the fault of one statement, as its values are not to be had in a table. */
export function databaseFault(error: unknown, { shown, redact }: Address): LlmBatchError | null {
  if (isAway(error)) return unreachable(error, { shown, redact });
  const fault = byMessage(error) ?? faultOf(error, FAULTS) ?? (isOfServer(error) ? OTHER : undefined);
  if (fault === undefined) return null;
  const { message } = error as Error;
  const told = redact(fault === OTHER ? `${codeOf(error)}: ${message}` : message);
  return new LlmBatchError({ ...fault, message: `${shown}: ${fault.what} (${told})` });
}

/** Whether the server itself tells it, and not of the values it was given (classes 22 and 23). */
function isOfServer(error: unknown): boolean {
  return error instanceof Error && "severity" in error && !/^2[23]/.test(codeOf(error));
}

/** What has no code of its own: a server without TLS, a password that wasn't given, a full disk that keeps us from connecting. */
function byMessage(error: unknown): Fault | undefined {
  const message = error instanceof Error ? error.message : "";
  if (/does not support SSL|error establishing an SSL/.test(message)) return UNTRUSTED;
  if (/could not write init file/.test(message)) return FULL;
  return /^SASL: /.test(message) ? REFUSED : undefined;
}

function unreachable(error: unknown, { shown, redact }: Pick<Address, "shown" | "redact">): LlmBatchError {
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const told = redact(cause instanceof Error ? cause.message : String(cause));
  const remedy =
    codeOf(cause) === TOO_MANY_CONNECTIONS
      ? "each process of ours holds two connections: let it have more, or put pgbouncer in between"
      : "start it, or check host and port";
  return new LlmBatchError({
    code: "DB_UNREACHABLE",
    message: `${shown}: the database can't be reached (${told})`,
    hint: `${remedy}; ${GOES_ON}`,
    exitCode: ExitCode.stopped,
  });
}
