import { readdirSync, readFileSync } from "node:fs";
import type { PostgresServer } from "../../helpers/postgres-server.ts";

const TICKS_PER_SECOND = 100;

interface Times {
  parent: number;
  own: number;
  /** Of children that have ended. */
  children: number;
}

/** Seconds of the server and of all that it has started; 0 where it is not ours. */
export function cpuOfServer({ control }: PostgresServer): number {
  if (control === null) return 0;
  const server = timesOf(control.pid)!;
  const living = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => timesOf(Number(pid)))
    .filter((times) => times?.parent === control.pid);
  return server.own + server.children + living.reduce((sum, times) => sum + times!.own, 0);
}

/** Seconds of the processes that this one has started, once they have ended. */
export function cpuOfChildren(): number {
  return timesOf(process.pid)!.children;
}

/** Null for a process that has just ended. */
function timesOf(pid: number): Times | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    const [user, system, childUser, childSystem] = fields
      .slice(11, 15)
      .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
    return { parent: Number(fields[1]), own: user! + system!, children: childUser! + childSystem! };
  } catch {
    return null;
  }
}
