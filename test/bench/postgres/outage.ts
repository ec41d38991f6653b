import { type Bench, type Figure, gated, pause, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const PROBES = 2;
const OUTAGE_MS = 40_000;

/** The provider is down: how many probes it gets at a time from all workers together. */
export async function outageCase({ server, rows }: Bench): Promise<Figure[]> {
  const count = rows ?? 4_000;
  const trial = await Trial.open(server, [
    ["latency", "300ms"],
    ["answer", "echo"],
  ]);
  const { simulator } = trial;
  try {
    await trial.import(count, [
      "--rpm",
      "6000",
      "--breaker-cooldown",
      "2s",
      "--breaker-probes",
      String(PROBES),
    ]);
    for (let at = 0; at < WORKERS; at += 1) trial.startWorker(["-c", "16"]);
    await pause(10_000);
    simulator!.control({ outage: 503 });
    // What was in flight has failed by then, and every worker knows.
    await pause(4_000);
    simulator!.control({ resetStats: true });
    await pause(OUTAGE_MS);
    const { calls, peak_in_flight } = simulator!.stats();
    simulator!.control({ outage: "end" });
    return [
      gated("probes at a time", peak_in_flight, `<= ${PROBES}`, peak_in_flight <= PROBES),
      gated("calls in 40 s of outage", calls, "> 0", calls > 0),
      ...(await soundness(trial, count)),
    ];
  } finally {
    await trial.close();
  }
}
