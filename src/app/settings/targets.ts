import type { EndpointConfig } from "../../config/endpoints.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { nearest } from "../../domain/nearest.ts";
import type { Target } from "../../domain/request.ts";
import { proxiesFor } from "../../provider/http/proxy.ts";
import { findPreset, PRESETS, type Preset } from "../../provider/presets.ts";

/** Stands for the base URL of the built-in simulator, whose port changes from start to start. */
export const SIMULATOR_URL = "sim:";
const SIMULATOR_MODEL = "sim-1";
const OPENAI = "openai";
const ANTHROPIC = "anthropic";

/** Where the rows of a run go. */
export interface Targets {
  /** Who shares the work; at least one. */
  pool: readonly Target[];
  /** Who gets the rows that the ones before can't serve or fail, in this order. */
  fallback: readonly Target[];
}

/**
 * Settles where rows go, from options and environment.
 * @throws LlmBatchError NO_PROVIDER, UNKNOWN_PROVIDER, NO_BASE_URL, BAD_BASE_URL, BAD_PROXY, BAD_OPTION
 */
export function resolveTargets(options: RunOptions, env: NodeJS.ProcessEnv): Targets {
  const names = options.pool ?? [null];
  if (options.pool !== null && (options.provider !== null || options.baseUrl !== null)) {
    throw new LlmBatchError({
      code: "BAD_OPTION",
      message: `--pool: ${options.pool.join(",")} and ${options.provider === null ? "--base-url" : "--provider"} both say where rows go`,
      hint: "leave one of them out",
    });
  }
  const pool = names.map((name) => resolveTarget(name, options, env));
  const chain = options.fallback.map((name) =>
    withOwnModel(name, resolveTarget(name, options, env), options),
  );
  return { pool, fallback: chain.filter((target) => !pool.some((other) => isSame(target, other))) };
}

/** A target of the pool is taken out of the fallback chain, as when `--provider` picks one of the config file's chain. */
function isSame(a: Target, b: Target): boolean {
  return a.baseUrl === b.baseUrl && a.apiKeyEnv === b.apiKeyEnv && a.model === b.model;
}

/** A fallback that names a model gets every row under that model, as the row's own model is what has failed. */
function withOwnModel(name: string, target: Target, { endpoints }: RunOptions): Target {
  const isNamed = !endpoints.has(name) && name.includes("/");
  const everyModel = isNamed || (endpoints.get(name)?.address.model ?? null) !== null;
  return { ...target, everyModel };
}

/** Resolves an endpoint or provider by its name; null goes by options and environment. */
function resolveTarget(named: string | null, options: RunOptions, env: NodeJS.ProcessEnv): Target {
  const { name, model } = named === null ? chooseName(options, env) : splitName(named, options);
  const config = options.endpoints.get(name);
  if (config) {
    const chosen = model ?? config.address.model ?? options.model;
    return configuredTarget(name, config, { ...options, model: chosen }, env);
  }
  const preset = presetCalled(name, options);
  const address = named === null ? { baseUrl: options.baseUrl, apiKeyEnv: options.apiKeyEnv } : NOTHING_SAID;
  const said = { ...address, model: model ?? options.model, api: options.api };
  const isNamed = named !== null || options.provider !== null || model !== null;
  const target = { ...makeTarget(preset.name, preset, said, env), isNamed };
  return isElsewhere(target, preset) ? { ...target, name: new URL(target.baseUrl).host } : target;
}

/** Whether it is another server than the one the preset is named after. */
function isElsewhere({ baseUrl }: Target, preset: Preset): boolean {
  return preset.baseUrl !== null && preset.needsKey && baseUrl !== preset.baseUrl;
}

const NOTHING_SAID = { baseUrl: null, apiKeyEnv: null };

function configuredTarget(
  name: string,
  { address, models }: EndpointConfig,
  options: RunOptions,
  env: NodeJS.ProcessEnv,
): Target {
  const preset = presetCalled(address.provider ?? OPENAI, options);
  const said = { ...address, model: options.model, api: address.api ?? options.api };
  return { ...makeTarget(name, preset, said, env), isNamed: address.provider !== null, models };
}

type Said = Pick<RunOptions, "baseUrl" | "apiKeyEnv" | "model" | "api">;

function makeTarget(name: string, preset: Preset, said: Said, env: NodeJS.ProcessEnv): Target {
  return {
    name,
    provider: preset.name,
    isNamed: false,
    baseUrl: chooseBaseUrl(said.baseUrl, preset, env),
    apiKeyEnv: checkName(said.apiKeyEnv) ?? preset.keyEnv,
    model: said.model ?? (preset.name === "sim" ? SIMULATOR_MODEL : null),
    models: null,
    everyModel: false,
    api: said.api ?? preset.api,
  };
}

/**
 * Which endpoint or provider is meant, the clearest word first: `--provider`, `-m provider/model`, `--base-url`, a key in
 * the environment.
 */
function chooseName(options: RunOptions, env: NodeJS.ProcessEnv): { name: string; model: string | null } {
  const { provider, baseUrl, model } = options;
  if (provider !== null) return { name: provider, model: null };
  if (baseUrl === null && model !== null) {
    const named = splitName(model, options);
    if (named.model !== null) return named;
  }
  const hasOpenAi = Boolean(baseUrl || env.OPENAI_API_KEY || env.OPENAI_BASE_URL);
  if (env.ANTHROPIC_API_KEY && baseUrl === null && (!hasOpenAi || model?.startsWith("claude-"))) {
    return { name: ANTHROPIC, model: null };
  }
  if (hasOpenAi) return { name: OPENAI, model: null };
  throw new LlmBatchError({
    code: "NO_PROVIDER",
    message:
      "nothing says which provider to use: no --provider, no --base-url, no OPENAI_API_KEY, OPENAI_BASE_URL or ANTHROPIC_API_KEY",
    hint: "set a key, or give --base-url URL, or --provider NAME; `--provider sim` tries it without a key",
  });
}

/** `provider/model`, where the part before the slash is an endpoint or a provider; else a name alone. */
function splitName(text: string, { endpoints }: RunOptions): { name: string; model: string | null } {
  const slash = text.indexOf("/");
  const prefix = text.slice(0, Math.max(0, slash));
  const isKnown = endpoints.has(prefix) || findPreset(prefix) !== null;
  return isKnown ? { name: prefix, model: text.slice(slash + 1) } : { name: text, model: null };
}

function presetCalled(name: string, { endpoints }: RunOptions): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const names = [...endpoints.keys(), ...PRESETS.map((known) => known.name)];
  const close = nearest(name, names);
  throw new LlmBatchError({
    code: "UNKNOWN_PROVIDER",
    message: `unknown provider or endpoint "${name}"`,
    hint: `${close ? `did you mean "${close}"? ` : ""}known are ${names.join(", ")}; any other by --base-url`,
  });
}

function chooseBaseUrl(given: string | null, preset: Preset, env: NodeJS.ProcessEnv): string {
  if (preset.name === "sim") return simulatorUrl(given);
  const url = given ?? (preset.baseUrlEnvs.map((name) => env[name]).find(Boolean) || preset.baseUrl);
  if (!url) {
    throw new LlmBatchError({
      code: "NO_BASE_URL",
      message: `the provider ${preset.name} has no fixed address`,
      hint: ["give --base-url URL", ...preset.baseUrlEnvs].join(" or set "),
    });
  }
  if (!isPlainAddress(url)) {
    throw new LlmBatchError({
      code: "BAD_BASE_URL",
      message: "--base-url: not an http or https address without user, password and key",
      hint: "give it the way the provider's SDK takes it, e.g. https://api.openai.com/v1, and the key in the environment (--api-key-env)",
    });
  }
  const address = withRoot(new URL(url), preset);
  // Refuses a malformed proxy before anything is imported.
  proxiesFor(address, env);
  return address.href.replace(/\/+$/, "");
}

/** Adds the path at which the provider's API begins to an address that is a host alone, as Azure's portal shows it. */
function withRoot(url: URL, { root }: Preset): URL {
  if (root !== null && url.pathname === "/") url.pathname = root;
  return url;
}

/** Refuses an address beside `--provider sim`: the rows wouldn't go there. */
function simulatorUrl(given: string | null): string {
  if (given === null) return SIMULATOR_URL;
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: "--provider sim and --base-url both say where rows go: the built-in simulator has no address",
    hint: "leave out --base-url to rehearse, or --provider sim to send to that address",
  });
}

/** `key`, `api-key`, `access_token` and the like. */
const KEY_PARAMETER = /^(.*[-_])?(api)?(key|token|secret|password|sig|signature)$/i;

/** Secrets in an address would be stored with the run. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, searchParams } = new URL(text);
  const hasKey = [...searchParams.keys()].some((name) => KEY_PARAMETER.test(name));
  return /^https?:$/.test(protocol) && username === "" && password === "" && !hasKey;
}

/** A key that was given in place of its variable's name must be neither stored nor printed. */
function checkName(variable: string | null): string | null {
  if (variable === null || /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(variable)) return variable;
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: "--api-key-env: expected the name of an environment variable, not a key",
    hint: "export MY_KEY=… and give --api-key-env MY_KEY",
  });
}
