import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, ownerFor } from "./postgres-server.ts";

const BINARY = "/usr/sbin/pgbouncer";
/** Fewer connections than clients: they have to share. */
const CONNECTIONS = 3;

export interface Pooler {
  /** The same database, through the pooler. */
  url: string;
  close(): Promise<void>;
}

/** Whether it is installed; where it isn't that is said loudly, since what needs it is not tested then. */
export function hasPgbouncer(): boolean {
  const isThere = existsSync(BINARY);
  if (!isThere)
    process.stderr.write("SKIPPED: pgbouncer, since it isn't installed (`apt-get install pgbouncer`)\n");
  return isThere;
}

/** pgbouncer before a server. */
export async function startPgbouncer(server: string, mode: "transaction" | "session"): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-pgbouncer-"));
  const owner = ownerFor(folder);
  const url = new URL(server);
  const port = await freePort();
  writeFileSync(join(folder, "users.txt"), `"${url.username}" ""\n`);
  writeFileSync(join(folder, "pgbouncer.ini"), settings(url, { port, folder, mode }));
  const pooler = spawn(BINARY, ["-q", join(folder, "pgbouncer.ini")], {
    cwd: folder,
    stdio: "ignore",
    ...owner,
  });
  await listening(port);
  url.port = String(port);
  return { url: url.href, close: () => end(pooler, folder) };
}

function settings(
  { hostname, port: serverPort, pathname }: URL,
  { port, folder, mode }: { port: number; folder: string; mode: string },
): string {
  return `
[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users.txt")}
pool_mode = ${mode}
default_pool_size = ${mode === "transaction" ? CONNECTIONS : 20}
server_login_retry = 1
`;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("pgbouncer doesn't listen");
}

async function end(pooler: ChildProcess, folder: string): Promise<void> {
  if (pooler.exitCode === null && pooler.signalCode === null) {
    const ended = once(pooler, "exit");
    pooler.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
