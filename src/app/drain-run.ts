import type { RunOptions } from "../config/run-options.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Run } from "../domain/run.ts";
import type { ChargingProfile } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { Provider } from "../ports/provider.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import { chatForm } from "../provider/chat.ts";
import { createProvider } from "../provider/endpoint.ts";
import { findPreset } from "../provider/presets.ts";
import { compileRequest } from "../request/compile-request.ts";
import { type DrainEnd, drain } from "../scheduler/drain.ts";
import type { Observer } from "../scheduler/events.ts";
import type { Lane } from "../scheduler/lane.ts";
import type { StopSwitch } from "../scheduler/stop.ts";
import { parseSimulatorSettings } from "../simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { limitsOf, slotsOf } from "./limits.ts";
import { apiKey, SIMULATOR_URL } from "./request-settings.ts";

export interface DrainRunOptions {
  store: Store;
  run: Run;
  options: RunOptions;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  random: Random;
  stop: StopSwitch;
  observe: Observer;
  onLanes(lanes: readonly Lane[]): void;
}

/** Wires the parts that a run needs and drains it. */
export async function drainRun(context: DrainRunOptions): Promise<DrainEnd> {
  const { store, run, options, clock, random, stop, observe, onLanes } = context;
  const simulator = run.request.baseUrl === SIMULATOR_URL ? await simulate(options, clock) : null;
  try {
    return await drain({
      store,
      run: run.id,
      provider: (model) => connect(context, simulator, model),
      limits: limitsOf(options),
      charging: chargingOf(run.request),
      breaker: {
        failures: options.breakerFailures,
        cooldownMs: options.breakerCooldown,
        probes: options.breakerProbes,
        on429: options.breakerOn429,
      },
      rules: {
        maxAttempts: options.maxAttempts,
        backoffBaseMs: options.backoffBase,
        backoffMaxMs: options.backoffMax,
      },
      bounds: {
        deadlineMs: options.deadline,
        stallTimeoutMs: options.stallTimeout,
        maxTotalTokens: options.maxTotalTokens,
        maxFailures: options.maxFailures,
      },
      concurrency: slotsOf(options),
      clock,
      random,
      stop,
      observe,
      onLanes,
    });
  } finally {
    await simulator?.close();
  }
}

function simulate(options: RunOptions, clock: Clock): Promise<Simulator> {
  return startSimulator(parseSimulatorSettings(options.sim), { clock, port: 0 });
}

/** Another server under a provider's name, given by --base-url, need not count as it does. */
function chargingOf({ provider, baseUrl }: RequestSettings): ChargingProfile {
  const preset = findPreset(provider);
  const isItself = preset !== null && (preset.baseUrl === null || preset.baseUrl === baseUrl);
  return isItself ? preset.charging : "used";
}

function connect(
  { run, options, env, clock }: DrainRunOptions,
  simulator: Simulator | null,
  model: string | null,
): Provider {
  const { request } = run;
  const build = compileRequest(request);
  return createProvider({
    baseUrl: simulator?.url ?? request.baseUrl,
    name: request.baseUrl,
    key: apiKey(request, env),
    model: model ?? request.model,
    run: run.id,
    wire: chatForm,
    build: (job) => build(job.row, job.model),
    dialect: findPreset(request.provider)?.dialect ?? null,
    timeoutMs: options.timeout,
    concurrency: slotsOf(options),
    clock,
  });
}
