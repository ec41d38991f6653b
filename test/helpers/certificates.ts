import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerFor } from "./postgres-server.ts";
import { hasProgram } from "./terminal.ts";

/** Files of a server's certificate, of the authority that signed it, and of one that didn't. */
export interface Certificates {
  ca: string;
  otherCa: string;
  cert: string;
  key: string;
  remove(): void;
}

/** For `localhost` alone, made with openssl; null where there is none. */
export function makeCertificates(): Certificates | null {
  if (!hasProgram("openssl")) return null;
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-tls-"));
  const owner = ownerFor(folder);
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore", ...owner });
  };
  const authority = (name: string): void =>
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  authority("ca");
  authority("other");
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=server",
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
  );
  writeFileSync(path("names"), "subjectAltName=DNS:localhost\n");
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    "names",
    "-out",
    "server.pem",
  );
  return {
    ca: path("ca.pem"),
    otherCa: path("other.pem"),
    cert: path("server.pem"),
    key: path("server.key"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
