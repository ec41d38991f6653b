import { type Bench, type Figure, gated, pause, seen, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const RPM = 12_000;
const WARM_UP_MS = 20_000;
const MEASURED_MS = 60_000;
export const PACED: [string, string][] = [
  ["rpm", String(RPM)],
  ["window", "bucket:1s"],
  ["latency", "lognormal:median=500ms,sigma=0.4"],
  ["answer", "echo"],
];

/** One quota for eight workers: how much of it is used, how much is refused, and how evenly it is spread. */
export async function quotaCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 20_000;
  const trial = await Trial.open(server, PACED);
  const { simulator } = trial;
  try {
    await trial.import(count, ["--rpm", String(RPM)]);
    for (let at = 0; at < WORKERS; at += 1) trial.startWorker(["-c", "512", "--log-file", `log-${at}.jsonl`]);
    await pause(WARM_UP_MS);
    const [before, accounted] = [simulator!.stats(), await transactions(trial)];
    await pause(MEASURED_MS);
    const after = simulator!.stats();
    const perSecond = ((await transactions(trial)) - accounted) / (MEASURED_MS / 1_000);
    const accepted = after.accepted - before.accepted;
    const refused = after.refused - before.refused;
    const figures = await soundness(trial, count);
    const spread = await spreadOf(trial);
    return [
      gated(
        "share of the quota used",
        accepted / ((RPM / 60_000) * MEASURED_MS),
        ">= 0.95",
        accepted >= 0.95 * RPM,
      ),
      gated(
        "share refused",
        refused / (accepted + refused),
        "<= 0.001",
        refused <= 0.001 * (accepted + refused),
      ),
      gated("a worker's calls, most off the mean", spread, "<= 0.2", spread <= 0.2),
      seen("transactions a second and worker", Math.round((perSecond / WORKERS) * 10) / 10),
      ...figures,
    ];
  } finally {
    await trial.close();
  }
}

async function transactions(trial: Trial): Promise<number> {
  const [row] = await trial.query<{ count: string }>(
    "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return Number(row!.count);
}

/** By the calls that each worker's own log has. */
async function spreadOf(trial: Trial): Promise<number> {
  const { readFileSync } = await import("node:fs");
  const counts = trial.workers.map((_, at) => {
    const lines = readFileSync(`${trial.cwd}/log-${at}.jsonl`, "utf8").trim().split("\n");
    return lines.filter((line) => line.includes('"row_done"')).length;
  });
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return Math.max(...counts.map((count) => Math.abs(count - mean))) / mean;
}
