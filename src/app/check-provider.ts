import type { RunOptions } from "../config/run-options.ts";
import { type Check, failed, failedBy, passed, warned } from "../domain/check.ts";
import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Clock } from "../ports/clock.ts";
import { findPreset } from "../provider/presets.ts";
import { reach } from "../provider/reach.ts";
import { apiKey, requestSettings } from "./request-settings.ts";
import { SIMULATOR_URL } from "./targets.ts";

interface ProviderCheckOptions {
  options: RunOptions;
  env: NodeJS.ProcessEnv;
  /** Leaves the endpoint alone. */
  offline: boolean;
  clock: Clock;
}

/** Whether the settings name a provider, its key is there, and it answers. Costs nothing, and shows no key. */
export async function checkProvider({
  options,
  env,
  offline,
  clock,
}: ProviderCheckOptions): Promise<Check[]> {
  const request = settle(options, env);
  if ("verdict" in request) return [request];
  const { key, check } = findKey(request, env);
  const checks = [passed("provider", describe(request)), check];
  if (offline || request.baseUrl === SIMULATOR_URL) return checks;
  return [...checks, await checkEndpoint(request, key, clock)];
}

function settle(options: RunOptions, env: NodeJS.ProcessEnv): RequestSettings | Check {
  try {
    return requestSettings(options, env);
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    // Nothing was asked for, so nothing is wrong: `--provider` may come with each run.
    if (error.code === "NO_PROVIDER") return warned("provider", error.message, error.hint);
    return failedBy("provider", error);
  }
}

function describe({ provider, baseUrl, model }: RequestSettings): string {
  const place = baseUrl === SIMULATOR_URL ? "the built-in simulator" : placeOf(baseUrl);
  return `${provider} at ${place}, ${model === null ? "models named by the rows" : `model ${model}`}`;
}

/** Without a user, a password or a query, which may hold secrets. */
function placeOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return origin + pathname.replace(/\/+$/, "");
}

function findKey(request: RequestSettings, env: NodeJS.ProcessEnv): { key: string | null; check: Check } {
  try {
    const key = apiKey(request, env);
    const message = key === null ? "none is set, and none is needed" : `${request.apiKeyEnv} is set`;
    return { key, check: passed("key", message) };
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    return { key: null, check: failedBy("key", error) };
  }
}

async function checkEndpoint(request: RequestSettings, key: string | null, clock: Clock): Promise<Check> {
  const place = placeOf(request.baseUrl);
  const dialect = findPreset(request.provider)?.dialect ?? null;
  const answer = await reach({ baseUrl: request.baseUrl, key, api: request.api, dialect, clock });
  if (typeof answer !== "number") {
    const hint = "check --base-url, the network, and whether the server is up; --offline leaves this out";
    return failed("endpoint", `${place}: ${answer.code}: ${answer.message}`, hint);
  }
  return judge(place, answer, key === null ? null : request.apiKeyEnv);
}

/** The list of models may be missing or closed to a key that may call: only a refused key is sure to fail. */
function judge(place: string, status: number, keyEnv: string | null): Check {
  const said = `${place} answers HTTP ${status}`;
  if (status === 401 && keyEnv !== null) {
    return failed("endpoint", `${said}: the key is refused`, `put a valid key into ${keyEnv}`);
  }
  if (status === 401)
    return warned("endpoint", `${said}: it asks for a key`, "name its variable with --api-key-env");
  if (status === 403)
    return warned("endpoint", `${said}: the key may not list models`, "check what the key may do");
  if (status >= 500) return warned("endpoint", `${said}: it has trouble of its own`, "wait, then try again");
  if (status >= 300 && status < 400) {
    return warned(
      "endpoint",
      `${said}: it sends calls elsewhere, which are never followed`,
      "check --base-url",
    );
  }
  return passed("endpoint", said);
}
