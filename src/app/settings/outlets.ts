import type { AnswerCheck } from "../../answer/compile-check.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { modelSent } from "../../domain/model-sent.ts";
import { poolOf, type Target } from "../../domain/request.ts";
import type { Run } from "../../domain/run.ts";
import type { PriceBook } from "../../money/price-book.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Provider } from "../../ports/provider.ts";
import { createProvider } from "../../provider/endpoint.ts";
import type { BodyMemory } from "../../provider/http/body-memory.ts";
import { findPreset } from "../../provider/presets.ts";
import { compileRequest } from "../../request/compile-request.ts";
import type { Outlet } from "../../scheduler/outlet.ts";
import { chargingOf, limitsOf, pacedFor, slotsOf, timeoutOf } from "./limits.ts";
import { mostCosting, pricing } from "./prices.ts";
import { apiKey } from "./request-settings.ts";
import { SIMULATOR_URL } from "./targets.ts";
import { withRefusals } from "./with-refusals.ts";

export interface OutletContext {
  run: Run;
  options: RunOptions;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** Where the built-in simulator is served; null where no target is one. */
  simulatorUrl: string | null;
  check: AnswerCheck | undefined;
  /** Null where no price can be known. */
  prices: PriceBook | null;
  /** The memory that the answers of all endpoints share. */
  bodies: BodyMemory;
}

/**
 * Where the rows of a run can go, given the models they name (null for none): its pool, then its fallback chain.
 * @throws LlmBatchError SAME_ENDPOINT, MISSING_KEY
 */
export function outletsOf(context: OutletContext, models: readonly (string | null)[]): Outlet[] {
  const { request } = context.run;
  const stages = [poolOf(request), ...request.fallback.map((target) => [target])];
  const outlets = stages.flatMap((targets, stage) =>
    targets.flatMap((target) =>
      [...byModelSent(target, models)].map(([model, served]) => ({
        ...openOutlet(context, target, model),
        stage,
        models: served,
      })),
    ),
  );
  for (const [index, { provider }] of outlets.entries()) {
    const twin = outlets.slice(0, index).find((other) => other.provider.endpoint === provider.endpoint);
    if (twin !== undefined) throw sameEndpoint(twin.provider, provider);
  }
  return outlets;
}

/** Each of the two would take the whole quota of the endpoint. */
function sameEndpoint(one: Provider, other: Provider): LlmBatchError {
  return new LlmBatchError({
    code: "SAME_ENDPOINT",
    message: `${one.name} and ${other.name} are one endpoint: ${other.endpoint}`,
    hint: "leave one of them out, or give it an address, a key or a model of its own",
  });
}

/** From the model that a target is asked for to the models, as rows name them, that stand for it. */
export function byModelSent(
  target: Target,
  models: readonly (string | null)[],
): Map<string | null, (string | null)[]> {
  const sent = new Map<string | null, (string | null)[]>();
  for (const model of models) {
    const asked = modelSent(target, model);
    if (asked !== undefined) sent.set(asked, [...(sent.get(asked) ?? []), model]);
  }
  return sent;
}

function openOutlet(
  { run, options, env, clock, simulatorUrl, check, prices, bodies }: OutletContext,
  target: Target,
  model: string | null,
): Omit<Outlet, "stage" | "models"> {
  const paced = pacedFor(target, options);
  const build = compileRequest({ ...run.request, ...target });
  const concurrency = slotsOf(paced);
  const priced = { target, model, tier: run.request.serviceTier };
  const provider = withRefusals(
    createProvider({
      baseUrl: target.baseUrl === SIMULATOR_URL ? simulatorUrl! : target.baseUrl,
      name: target.baseUrl,
      key: apiKey(target, env),
      provider: target.name,
      model,
      run: run.id,
      check,
      ...(prices && { costOf: pricing(prices, priced, clock) }),
      build: (job) => build(job.row, model),
      dialect: findPreset(target.provider)?.dialect ?? null,
      timeoutMs: timeoutOf(paced),
      concurrency,
      clock,
      bodies,
    }),
  );
  return {
    provider,
    limits: limitsOf(paced),
    charging: chargingOf(target),
    mostCost: prices && mostCosting(prices, priced, clock),
    breaker: {
      failures: paced.breakerFailures,
      cooldownMs: paced.breakerCooldown,
      probes: paced.breakerProbes,
      on429: paced.breakerOn429,
    },
    concurrency,
  };
}
