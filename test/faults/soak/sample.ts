import { readdirSync, readFileSync, statSync } from "node:fs";

/** What a process holds at one moment. */
export interface Sample {
  /** Resident memory, bytes. */
  rss: number;
  /** Open file descriptors. */
  fds: number;
  /** Size of the database's write-ahead log, bytes; 0 where there is none. */
  wal: number;
  /** Size of the database itself, bytes. */
  database: number;
}

/** Reads /proc, so Linux only. Null when the process has ended. */
export function sampleOf(pid: number, database: string): Sample | null {
  try {
    const resident = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (resident === null) return null;
    return {
      rss: Number(resident[1]) * 1024,
      fds: readdirSync(`/proc/${pid}/fd`).length,
      wal: sizeOf(`${database}-wal`),
      database: sizeOf(database),
    };
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** The worst of several moments; the database as it was in the end. */
export function peakOf(samples: readonly Sample[]): Sample {
  const most = (figure: keyof Sample): number => Math.max(0, ...samples.map((sample) => sample[figure]));
  return { rss: most("rss"), fds: most("fds"), wal: most("wal"), database: most("database") };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
