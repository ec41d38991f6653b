import { parseSimulatorSettings } from "../../src/simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { systemClock } from "../../src/system/clock.ts";
import { afterTest } from "./after-test.ts";

/** A simulated provider in this process, closed after the test. Settings as in `llm-batch simulate --help`. */
export async function simulate(...settings: [name: string, value: string][]): Promise<Simulator> {
  const simulator = await startSimulator(parseSimulatorSettings(settings), { clock: systemClock });
  afterTest(() => simulator.close());
  return simulator;
}

/** The flags that point a run at a simulator. */
export function at(simulator: Simulator): string[] {
  return ["--base-url", simulator.url, "-m", "sim-1"];
}
