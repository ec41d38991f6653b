import type { RunOptions } from "../../config/run-options.ts";
import { type RequestSettings, targetsOf } from "../../domain/request.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SimulatorSettings } from "../../simulator/settings.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { SIMULATOR_URL } from "./targets.ts";

/**
 * What `--sim` asks of the built-in simulator; null where the run doesn't go to it.
 * @throws LlmBatchError BAD_OPTION
 */
export async function simulatorSettings(
  request: RequestSettings,
  options: RunOptions,
): Promise<SimulatorSettings | null> {
  if (!isSimulated(request)) return null;
  const { parseSimulatorSettings } = await import("../../simulator/parse-settings.ts");
  return parseSimulatorSettings(options.sim);
}

/** Its fifty files are loaded only where it is asked for. */
export async function startSimulation(settings: SimulatorSettings, clock: Clock): Promise<Simulator> {
  const { startSimulator } = await import("../../simulator/simulator.ts");
  return startSimulator(settings, { clock, port: 0 });
}

function isSimulated(request: RequestSettings): boolean {
  return targetsOf(request).some(({ baseUrl }) => baseUrl === SIMULATOR_URL);
}
