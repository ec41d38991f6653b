import type { RunOptions } from "../../config/run-options.ts";
import { type Check, failed, failedBy, passed, warned } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { type RequestSettings, type Target, targetsOf } from "../../domain/request.ts";
import type { Clock } from "../../ports/clock.ts";
import { findPreset } from "../../provider/presets.ts";
import { reach } from "../../provider/reach.ts";
import { apiKey, requestSettings } from "../settings/request-settings.ts";
import { SIMULATOR_URL } from "../settings/targets.ts";

interface ProviderCheckOptions {
  options: RunOptions;
  env: NodeJS.ProcessEnv;
  /** Leaves the endpoint alone. */
  offline: boolean;
  clock: Clock;
}

/**
 * Whether the settings name a provider, its key is there, and it answers; the same of everybody else whom rows can be sent
 * to. Costs nothing, and shows no key.
 */
export async function checkProvider({
  options,
  env,
  offline,
  clock,
}: ProviderCheckOptions): Promise<Check[]> {
  const request = settle(options, env);
  if ("verdict" in request) return [request];
  const targets = targetsOf(request);
  return (await Promise.all(targets.map((target) => checkTarget(target, { env, offline, clock })))).flat();
}

async function checkTarget(
  target: Target,
  { env, offline, clock }: Omit<ProviderCheckOptions, "options">,
): Promise<Check[]> {
  const { key, check } = findKey(target, env);
  const checks = [passed("provider", describe(target)), check];
  if (offline || target.baseUrl === SIMULATOR_URL) return checks;
  return [...checks, await checkEndpoint(target, key, clock)];
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

function describe({ name, baseUrl, model }: Target): string {
  const place = baseUrl === SIMULATOR_URL ? "the built-in simulator" : placeOf(baseUrl);
  return `${name} at ${place}, ${model === null ? "models named by the rows" : `model ${model}`}`;
}

/** Without a user, a password or a query, which may hold secrets. */
function placeOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return origin + pathname.replace(/\/+$/, "");
}

function findKey(target: Target, env: NodeJS.ProcessEnv): { key: string | null; check: Check } {
  try {
    const key = apiKey(target, env);
    const message = key === null ? "none is set, and none is needed" : `${target.apiKeyEnv} is set`;
    return { key, check: passed("key", message) };
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    return { key: null, check: failedBy("key", error) };
  }
}

async function checkEndpoint(target: Target, key: string | null, clock: Clock): Promise<Check> {
  const { baseUrl, provider, api, apiKeyEnv } = target;
  const place = placeOf(baseUrl);
  const dialect = findPreset(provider)?.dialect ?? null;
  const answer = await reach({ baseUrl, key, api, dialect, clock });
  if (typeof answer !== "number") {
    const hint = HINTS[answer.code] ?? "check --base-url, the network, and whether the server is up";
    return failed(
      "endpoint",
      `${place}: ${answer.code}: ${answer.message}`,
      `${hint}; --offline leaves this out`,
    );
  }
  return judge(place, answer, key === null ? null : apiKeyEnv);
}

/** What is to be done about calls that failed in a way of their own. */
const HINTS: Readonly<Record<string, string>> = {
  certificate:
    "check --base-url, or name who signed the certificate: export NODE_EXTRA_CA_CERTS=ca.pem in the shell, as --env-file is read too late for it",
  tls: "check --base-url: a server without TLS has an address with http://",
};

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
