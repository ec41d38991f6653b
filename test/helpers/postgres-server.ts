import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VERSIONS = "/usr/lib/postgresql";
const USER = "llm";
const INITDB = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];

/** A real PostgreSQL server: the one that `DATABASE_URL` names, or one of our own on loopback. */
export interface PostgresServer {
  url: string;
  /** Null for one that is not ours to stop. */
  control: PostgresControl | null;
  close(): Promise<void>;
}

export type OwnServer = PostgresServer & { control: PostgresControl };

/** Stopping and starting a server that is ours. */
interface PostgresControl {
  pid: number;
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
}

/** Null where there is no server, nor the binaries for one: said loudly, since what needs it is not tested then. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer | null> {
  const url = process.env.DATABASE_URL;
  return url ? { url, control: null, close: async () => {} } : startOwnPostgres(settings);
}

/** One of our own, whatever `DATABASE_URL` names: to stop and to start, or with settings of its own. */
export async function startOwnPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnServer | null> {
  const bin = binaries();
  if (bin === null) {
    process.stderr.write(
      "\n*** NO POSTGRESQL: set DATABASE_URL or `apt-get install postgresql`. Its tests are SKIPPED. ***\n\n",
    );
    return null;
  }
  return startOwn(bin, settings);
}

/** The folder of the newest installed version's binaries. */
function binaries(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const folders = readdirSync(VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, "bin"));
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

async function startOwn(bin: string, settings: Readonly<Record<string, string>>): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-pg-"));
  const identity = ownerFor(folder);
  const data = join(folder, "data");
  execFileSync("cp", ["-R", freshData(bin), data], { ...identity, cwd: folder });
  const port = await freePort();
  const options = { fsync: "off", full_page_writes: "off", max_connections: "100", ...settings };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const args = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", ...flags];
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  const control: PostgresControl = {
    pid: 0,
    async start() {
      server = spawn(join(bin, "postgres"), args, { ...identity, cwd: folder, stdio: "ignore" });
      control.pid = server.pid!;
      await ready(bin, port);
    },
    async stop(mode) {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
      await ended;
    },
  };
  await control.start();
  const close = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) await control.stop("immediate");
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, control, close };
}

/**
 * The data of a server that never ran, to be copied: making it takes six times the CPU of a copy. It stays for
 * later runs of the tests, under a name of whoever made it and with what.
 */
function freshData(bin: string): string {
  const version = execFileSync(join(bin, "initdb"), ["--version"], { encoding: "utf8" });
  const made = createHash("sha256")
    .update([bin, version, ...INITDB].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const kept = join(tmpdir(), `llm-batch-pg-fresh-${process.getuid?.() ?? "user"}-${made}`);
  if (isWhole(kept)) return join(kept, "data");
  rmSync(kept, { recursive: true, force: true });
  const folder = mkdtempSync(join(tmpdir(), "llm-batch-pg-"));
  const identity = ownerFor(folder);
  const data = join(folder, "data");
  execFileSync(join(bin, "initdb"), ["-D", data, ...INITDB], { ...identity, cwd: folder, stdio: "ignore" });
  keep(folder, kept);
  return join(kept, "data");
}

/** Whatever tidies the folder of temporary files takes old files, and leaves their folders. */
function isWhole(kept: string): boolean {
  return ["PG_VERSION", "global/pg_control"].every((name) => existsSync(join(kept, "data", name)));
}

/** Other processes may make the same at the same time: the first one's stays. */
function keep(folder: string, kept: string): void {
  try {
    renameSync(folder, kept);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!isWhole(kept)) throw error;
  }
}

/** The server refuses to run as root: who owns its files. */
export function ownerFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const [uid, gid] = [id("-u"), id("-g")];
  chownSync(folder, uid, gid);
  return { uid, gid };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function ready(bin: string, port: number): Promise<void> {
  const args = ["-h", "127.0.0.1", "-p", String(port), "-U", USER, "-d", "postgres", "-t", "1"];
  for (let tries = 0; tries < 300; tries += 1) {
    if (spawnSync(join(bin, "pg_isready"), args).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("PostgreSQL did not start within 15 s");
}
