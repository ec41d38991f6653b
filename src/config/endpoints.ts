import { kebab } from "../domain/kebab.ts";
import { nearest } from "../domain/nearest.ts";
import { isObject } from "../domain/row.ts";
import type { Option } from "./option.ts";
import { FAILURE_OPTIONS } from "./options/failure.ts";
import { REQUEST_OPTIONS } from "./options/request.ts";
import { SPEED_OPTIONS } from "./options/speed.ts";

const { provider, baseUrl, model, api, apiKeyEnv } = REQUEST_OPTIONS;
const { timeout, breakerFailures, breakerCooldown, breakerProbes, breakerOn429 } = FAILURE_OPTIONS;

/** The settings that an endpoint may have of its own; for all others it has those of the run. */
const ADDRESS_OPTIONS = { provider, baseUrl, model, api, apiKeyEnv };
const PACE_OPTIONS = {
  ...SPEED_OPTIONS,
  timeout,
  breakerFailures,
  breakerCooldown,
  breakerProbes,
  breakerOn429,
};

type Values<T> = { readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never };

/** How fast an endpoint may be asked and when it is left alone: what goes before the run's own settings. */
type Pace = Values<typeof PACE_OPTIONS>;

/** An endpoint that the config file names. */
export interface EndpointConfig {
  /** Null where it says nothing. */
  address: { readonly [K in keyof typeof ADDRESS_OPTIONS]: Values<typeof ADDRESS_OPTIONS>[K] | null };
  /** Models by the names that rows give them, as this endpoint calls them; null serves every model under its own name. */
  models: Readonly<Record<string, string>> | null;
  pace: Partial<Pace>;
}

export type Endpoints = ReadonlyMap<string, EndpointConfig>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Reads the config file's `endpoints`: a map of names to settings, which are the run's own of the same name.
 * @throws Error naming the endpoint, the setting and what was expected
 */
export function parseEndpoints(json: string): Endpoints {
  const value: unknown = JSON.parse(json);
  if (!isObject(value)) throw new Error("expected a map of names to settings");
  return new Map(Object.entries(value).map(([name, settings]) => [name, parseEndpoint(name, settings)]));
}

function parseEndpoint(name: string, settings: unknown): EndpointConfig {
  if (!NAME.test(name)) {
    throw new Error(`${JSON.stringify(name)}: a name has letters, digits, ".", "_" and "-", up to 64`);
  }
  if (!isObject(settings)) throw new Error(`${name}: expected a map of settings`);
  const { models = null, ...rest } = settings;
  const given = new Map(Object.entries(rest).map(([key, value]) => [optionName(name, key), value]));
  const read = (option: string): unknown => {
    const value = given.get(option);
    return value === undefined ? null : readSetting(name, option, value);
  };
  const address = Object.fromEntries(Object.keys(ADDRESS_OPTIONS).map((option) => [option, read(option)]));
  const paced = Object.keys(PACE_OPTIONS).filter((option) => given.has(option));
  return {
    address: address as EndpointConfig["address"],
    models: parseModels(name, models),
    pace: Object.fromEntries(paced.map((option) => [option, read(option)])) as Partial<Pace>,
  };
}

/** Every setting that an endpoint may have, besides `models`. */
export const ENDPOINT_SETTINGS: Readonly<Record<string, Option<unknown>>> = {
  ...ADDRESS_OPTIONS,
  ...PACE_OPTIONS,
};

function optionName(endpoint: string, key: string): string {
  const camel = key.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (Object.hasOwn(ENDPOINT_SETTINGS, camel)) return camel;
  const known = [...Object.keys(ENDPOINT_SETTINGS).map(kebab), "models"];
  const close = nearest(key, known);
  throw new Error(
    `${endpoint}: unknown setting "${key}"${close ? `, did you mean "${close}"?` : `; known are ${known.join(", ")}`}`,
  );
}

function readSetting(endpoint: string, option: string, value: unknown): unknown {
  const place = `${endpoint}: ${kebab(option)}`;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    throw new Error(`${place}: expected one value`);
  }
  try {
    return ENDPOINT_SETTINGS[option]!.read([String(value)]);
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}, got ${JSON.stringify(value)}`);
  }
}

function parseModels(endpoint: string, models: unknown): EndpointConfig["models"] {
  if (models === null) return null;
  const isNames = isObject(models) && Object.values(models).every((name) => typeof name === "string");
  if (!isNames)
    throw new Error(`${endpoint}: models: expected a map of a row's model to this endpoint's name of it`);
  return models as Record<string, string>;
}
