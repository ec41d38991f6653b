import { PACED } from "./quota.ts";
import { type Bench, type Figure, gated, pause, seen, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const CONCURRENCY = 512;
const DOWN_MS = 30_000;

/** The database server is stopped in the middle, and comes back half a minute later. */
export async function restartCase({ server, rows }: Bench): Promise<Figure[]> {
  if (server.control === null) return [seen("left out", "the server of DATABASE_URL is not ours to stop")];
  const count = rows ?? 6_000;
  const trial = await Trial.open(server, PACED);
  const { simulator } = trial;
  try {
    await trial.import(count, ["--rpm", "12000"]);
    trial.startWorkers(WORKERS, CONCURRENCY);
    await pause(12_000);
    await server.control.stop("immediate");
    const inFlight = simulator!.stats().in_flight;
    await pause(DOWN_MS);
    await server.control.start();
    const back = performance.now();
    const figures = await soundness(trial, count);
    const { calls, refused } = simulator!.stats();
    const repeated = calls - refused - count;
    return [
      ...figures,
      seen("calls in flight as it stopped", inFlight),
      gated("calls repeated", repeated, `<= ${inFlight}`, repeated <= inFlight),
      seen("seconds from its return to the end of the run", Math.round((performance.now() - back) / 1_000)),
    ];
  } finally {
    await trial.close();
  }
}
