import { readFileSync } from "node:fs";
import type { PostgresServer } from "../../helpers/postgres-server.ts";
import { type Bench, type Figure, gated, seen, soundness, Trial } from "./rig.ts";

const TICKS_PER_SECOND = 100;

/** No latency and no limit: rows a second, and what each costs the database, by the number of workers. */
export async function scaleCase({ server, rows, workers }: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of workers) figures.push(...(await drainWith(server, count, rows ?? 50_000)));
  return figures;
}

/** Each worker has a simulator in its own process, so what is measured is more than the database. */
async function drainWith(server: PostgresServer, workers: number, rows: number): Promise<Figure[]> {
  const trial = await Trial.open(server, null);
  try {
    await trial.import(rows, ["--sim", "latency=0ms"]);
    const [before, cpuBefore] = [await committed(trial), cpuSeconds(server)];
    const startedAt = performance.now();
    for (let at = 0; at < workers; at += 1) trial.startWorker(["-c", "128", "--quiet"]);
    const ends = await trial.finished();
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpu = cpuSeconds(server) - cpuBefore;
    const each = ((await committed(trial)) - before) / rows;
    const sound = ends.length > 0 || rows <= 100_000 ? await soundness(trial, rows) : [];
    return [
      seen(`${workers} workers, rows a second`, Math.round(rows / seconds)),
      gated(`${workers} workers, transactions a row`, each, "<= 0.05", each <= 0.05),
      seen(`${workers} workers, the database's CPU ms a row`, ((cpu * 1_000) / rows).toFixed(3)),
      seen(`${workers} workers, bloat`, await bloat(trial)),
      ...sound.filter(({ isMet }) => !isMet),
    ];
  } finally {
    await trial.close();
  }
}

async function committed(trial: Trial): Promise<number> {
  await trial.query("SELECT pg_sleep(1.1)");
  const [row] = await trial.query<{ count: string }>(
    "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return Number(row!.count);
}

/** Of the server and all that it has started, those that have ended among them; 0 where it is not ours. */
function cpuSeconds({ control }: PostgresServer): number {
  if (control === null) return 0;
  const fields = readFileSync(`/proc/${control.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return (user! + system! + childUser! + childSystem!) / TICKS_PER_SECOND;
}

async function bloat(trial: Trial): Promise<string> {
  const [jobs] = await trial.query<{ dead: string; live: string; size: string; vacuums: string }>(`
    SELECT n_dead_tup AS dead, n_live_tup AS live, pg_size_pretty(pg_total_relation_size(relid)) AS size,
      autovacuum_count AS vacuums
    FROM pg_stat_user_tables WHERE schemaname = '{s}' AND relname = 'jobs'`);
  return `jobs ${jobs!.size}, ${jobs!.dead} dead rows beside ${jobs!.live}, vacuumed ${jobs!.vacuums} times`;
}
