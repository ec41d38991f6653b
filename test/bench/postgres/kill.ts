import type { Simulator } from "../../../src/simulator/simulator.ts";
import type { Started } from "../../helpers/start-cli.ts";
import { PACED } from "./quota.ts";
import { type Bench, type Figure, gated, pause, seen, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const KILLED = 4;
const CONCURRENCY = 512;

const QUIET_MS = 1_000;

/**
 * Four of eight workers are killed in the middle. All are stopped first, until what they have sent has arrived, so that it is
 * known call by call what the four had in flight.
 */
export async function killCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 6_000;
  const trial = await Trial.open(server, PACED);
  const { simulator } = trial;
  try {
    await trial.import(count, ["--rpm", "12000"]);
    trial.startWorkers(WORKERS, CONCURRENCY);
    await pause(12_000);
    signal(trial.workers, "SIGSTOP");
    await quiet(simulator!);
    const sent = callsOf(simulator!);
    const recorded = await rowsOf(trial, "JOIN {s}.results r ON r.job = j.id");
    signal(trial.workers.slice(0, KILLED), "SIGKILL");
    signal(trial.workers.slice(KILLED), "SIGCONT");
    const figures = await soundness(trial, count);
    const rescued = await rowsOf(trial, "WHERE j.crashes > 0");
    const inFlight = new Set([...sent.keys()].filter((row) => rescued.has(row) && !recorded.has(row)));
    const repeated = [...callsOf(simulator!)].filter(([, calls]) => calls > 1);
    const repeats = repeated.reduce((sum, [, calls]) => sum + calls - 1, 0);
    const others = repeated.filter(([row]) => !inFlight.has(row)).length;
    return [
      ...figures,
      seen("rows of the killed given back", rescued.size),
      gated(
        "calls repeated, of calls in flight of the killed",
        repeats,
        `<= ${inFlight.size}`,
        repeats <= inFlight.size,
      ),
      gated("rows repeated that were not in flight", others, "0", others === 0),
    ];
  } finally {
    await trial.close();
  }
}

function signal(workers: readonly Started[], name: NodeJS.Signals): void {
  for (const { process } of workers) process.kill(name);
}

/** Until no further call arrives. */
async function quiet(simulator: Simulator): Promise<void> {
  for (let before = -1; before !== simulator.stats().calls; await pause(QUIET_MS)) {
    before = simulator.stats().calls;
  }
}

/** Calls that were not refused, by row. */
function callsOf(simulator: Simulator): Map<string, number> {
  const all = [...simulator.prompts()].map(([prompt, { accepted }]): [string, number] => [
    prompt.replace("prompt ", "q-"),
    accepted,
  ]);
  return new Map(all.filter(([, accepted]) => accepted > 0));
}

async function rowsOf(trial: Trial, which: string): Promise<Set<string>> {
  const rows = await trial.query<{ key: string }>(
    `SELECT i.key FROM {s}.inputs i JOIN {s}.jobs j ON j.input = i.id ${which}`,
  );
  return new Set(rows.map(({ key }) => key));
}
