import type { PostgresServer } from "../../helpers/postgres-server.ts";
import { cpuOfChildren, cpuOfServer } from "./cpu.ts";
import { type Bench, type Figure, gated, seen, soundness, Trial } from "./rig.ts";

/** Calls in flight of each worker: `-c` is that of all together. */
const IN_FLIGHT = 128;

/** No latency and no limit: rows a second, and what each costs the database, by the number of workers. */
export async function scaleCase({ server, rows, workers }: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of workers) figures.push(...(await drainWith(server, count, rows ?? 100_000)));
  return figures;
}

/** Each worker has a simulator in its own process, so its CPU is that of both ends of a call. */
async function drainWith(server: PostgresServer, workers: number, rows: number): Promise<Figure[]> {
  const trial = await Trial.open(server, null);
  try {
    await trial.import(rows, ["--sim", "latency=0ms"]);
    const before = await costs(trial, server);
    const startedAt = performance.now();
    for (let at = 0; at < workers; at += 1) trial.startWorker(["-c", String(IN_FLIGHT * workers), "--quiet"]);
    const ends = await trial.finished();
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await costs(trial, server);
    const each = (what: keyof typeof after): number => (after[what] - before[what]) / rows;
    const sound = ends.length > 0 || rows <= 200_000 ? await soundness(trial, rows) : [];
    const name = workers === 1 ? "1 worker" : `${workers} workers`;
    return [
      seen(`${name}, rows a second`, Math.round(rows / seconds)),
      gated(`${name}, transactions a row`, each("transactions"), "<= 0.05", each("transactions") <= 0.05),
      seen(`${name}, CPU ms a row: database`, (each("server") * 1_000).toFixed(3)),
      seen(`${name}, CPU ms a row: workers with their simulators`, (each("workers") * 1_000).toFixed(3)),
      ...(await bloat(trial)).map((text) => seen(`${name}, table`, text)),
      ...sound.filter(({ isMet }) => !isMet),
    ];
  } finally {
    await trial.close();
  }
}

async function costs(trial: Trial, server: PostgresServer) {
  // The server's counters come a second late.
  await trial.query("SELECT pg_sleep(1.1)");
  const [row] = await trial.query<{ count: string }>(
    "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return { transactions: Number(row!.count), server: cpuOfServer(server), workers: cpuOfChildren() };
}

async function bloat(trial: Trial): Promise<string[]> {
  const tables = await trial.query<Record<"name" | "dead" | "live" | "heap" | "all" | "vacuums", string>>(`
    SELECT relname AS name, n_dead_tup AS dead, n_live_tup AS live, pg_size_pretty(pg_relation_size(relid)) AS heap,
      pg_size_pretty(pg_total_relation_size(relid)) AS all, autovacuum_count AS vacuums
    FROM pg_stat_user_tables WHERE schemaname = '{s}' AND n_tup_upd > 0 AND relname IN ('jobs', 'tallies', 'processes')
    ORDER BY relname`);
  return tables.map(
    ({ name, dead, live, heap, all, vacuums }) =>
      `${name} ${heap}, with indexes ${all}; ${dead} dead rows beside ${live}, vacuumed ${vacuums} times`,
  );
}
