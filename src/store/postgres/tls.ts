import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";

/** How a connection is encrypted, as libpq reads the same parameters; null leaves it to the driver, and `PGSSLMODE`. */
export type Tls = ConnectionOptions | false | null;

const MODES = ["disable", "require", "verify-ca", "verify-full", "no-verify"] as const;
type Mode = (typeof MODES)[number];
/** Parameters that are read here, as the driver would warn of modes that it reads in a way of its own. */
export const TLS_PARAMETERS = ["sslmode", "sslrootcert", "sslcert", "sslkey"] as const;
/** The roots that Node knows. */
const SYSTEM = "system";

type Given = Pick<URLSearchParams, "get">;

/** @param refuse throws an error for the user */
export function tlsOf(given: Given, refuse: (why: string) => never): Tls {
  const files = { ca: given.get("sslrootcert"), cert: given.get("sslcert"), key: given.get("sslkey") };
  const mode = modeOf(given.get("sslmode"), refuse);
  if (mode === "disable") return false;
  if (mode === null) {
    if (Object.values(files).some((file) => file !== null))
      refuse("sslrootcert, sslcert and sslkey need an sslmode");
    return null;
  }
  const read = (name: string, path: string | null): string | undefined =>
    path === null || path === SYSTEM ? undefined : contentOf(name, path, refuse);
  return {
    ca: read("sslrootcert", files.ca),
    cert: read("sslcert", files.cert),
    key: read("sslkey", files.key),
    ...checks(mode, files.ca),
  };
}

/** `require` is what libpq makes of it: who names a root wants it looked at. */
function checks(mode: Exclude<Mode, "disable">, root: string | null): ConnectionOptions {
  if (mode === "verify-full" || root === SYSTEM) return { rejectUnauthorized: true };
  if (mode === "no-verify" || (mode === "require" && root === null)) return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function modeOf(given: string | null, refuse: (why: string) => never): Mode | null {
  if (given === null) return null;
  return MODES.find((mode) => mode === given) ?? refuse(`sslmode is one of ${MODES.join(", ")}`);
}

function contentOf(name: string, path: string, refuse: (why: string) => never): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return refuse(`${name}: ${(error as Error).message}`);
  }
}
