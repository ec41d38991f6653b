import { parseSomeSettings } from "../../../src/simulator/parse-settings.ts";
import { type Bench, type Figure, gated, pause, soundness, Trial } from "./rig.ts";

const WORKERS = 8;
const PROBES = 2;
/** A probe that hangs is out for so long: then those of several workers would meet. */
const TIMEOUT_MS = 4_000;
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
      "--timeout",
      `${TIMEOUT_MS}ms`,
    ]);
    for (let at = 0; at < WORKERS; at += 1) trial.startWorker(["-c", "16"]);
    await pause(10_000);
    simulator!.control({ settings: parseSomeSettings([["fault", "hang"]]) });
    // What was in flight has timed out by then, and every worker knows.
    await pause(3 * TIMEOUT_MS);
    simulator!.control({ resetStats: true });
    await pause(OUTAGE_MS);
    const { calls, peak_in_flight } = simulator!.stats();
    simulator!.control({ settings: parseSomeSettings([["fault", "none"]]) });
    return [
      gated("probes at a time", peak_in_flight, `<= ${PROBES}`, peak_in_flight <= PROBES),
      gated("calls in 40 s of outage", calls, "> 0", calls > 0),
      ...(await soundness(trial, count)),
    ];
  } finally {
    await trial.close();
  }
}
