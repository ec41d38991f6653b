import { triedAgain } from "../control/shared/breaker.ts";
import { targetsOf } from "../domain/request.ts";
import type { Run } from "../domain/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { endpointName } from "../provider/endpoint.ts";
import { byModelSent } from "./settings/outlets.ts";
import { apiKey } from "./settings/request-settings.ts";

/**
 * Who starts a run wants to know whether its endpoints serve by now: each that refused the key, the account or the model is
 * asked by one call.
 */
export async function tryRefused(
  store: Store,
  run: Run,
  { env, clock }: { env: NodeJS.ProcessEnv; clock: Clock },
): Promise<void> {
  const models = await store.models(run.id);
  const moment = { now: clock.now(), wall: clock.wall() };
  for (const target of targetsOf(run.request)) {
    const { baseUrl } = target;
    for (const model of byModelSent(target, models).keys()) {
      const name = endpointName({ baseUrl, model, key: apiKey(target, env) });
      await store.updateEndpoint(name, (state) => state && triedAgain(state, moment));
    }
  }
}
