import type { Simulator } from "../../../src/simulator/simulator.ts";
import { PACED } from "./quota.ts";
import { type Bench, type Figure, gated, pause, seen, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const KILLED = 4;
const CONCURRENCY = 512;

/** Four of eight workers are killed in the middle. */
export async function killCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 6_000;
  const trial = await Trial.open(server, PACED);
  const { simulator } = trial;
  try {
    await trial.import(count, ["--rpm", "12000"]);
    trial.startWorkers(WORKERS, CONCURRENCY);
    await pause(12_000);
    const sent = sentTo(simulator!);
    for (const { process } of trial.workers.slice(0, KILLED)) process.kill("SIGKILL");
    // A call is in flight until its answer is on record. Of the four that are killed it is about half.
    const inFlight = sent - (await recorded(trial));
    const figures = await soundness(trial, count);
    const repeated = sentTo(simulator!) - count;
    return [
      ...figures,
      seen("calls in flight at the kill, of all eight", inFlight),
      gated("calls repeated", repeated, `<= ${inFlight}`, repeated <= inFlight),
    ];
  } finally {
    await trial.close();
  }
}

function sentTo(simulator: Simulator): number {
  const { calls, refused } = simulator.stats();
  return calls - refused;
}

async function recorded(trial: Trial): Promise<number> {
  const [row] = await trial.query<{ count: string }>("SELECT count(*) FROM {s}.results");
  return Number(row!.count);
}
