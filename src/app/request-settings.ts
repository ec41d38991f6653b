import { readFileSync } from "node:fs";
import type { RunOptions } from "../config/run-options.ts";
import { LlmBatchError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import type { RequestSettings } from "../domain/request.ts";
import { findPreset, PRESETS, type Preset } from "../provider/presets.ts";

/** The base URL that stands for the built-in simulator, whose port is another each time. */
export const SIMULATOR_URL = "sim:";
const SIMULATOR_MODEL = "sim-1";
const OPENAI = "openai";

/**
 * Settles what is sent, and to whom, from options and environment.
 * @throws LlmBatchError NO_PROVIDER, UNKNOWN_PROVIDER, NO_BASE_URL, BAD_BASE_URL, FILE_UNREADABLE
 */
export function requestSettings(options: RunOptions, env: NodeJS.ProcessEnv): RequestSettings {
  const preset = choosePreset(options, env);
  return {
    provider: preset.name,
    baseUrl: chooseBaseUrl(options, preset, env),
    apiKeyEnv: checkName(options.apiKeyEnv) ?? preset.keyEnv,
    model: options.model ?? (preset.name === "sim" ? SIMULATOR_MODEL : null),
    api: options.api,
    template: textOrFile(options.template, "--template"),
    system: textOrFile(options.system, "--system"),
    promptField: options.promptField,
    idField: options.idField,
    temperature: options.temperature,
    maxTokens: options.maxTokens,
    params: Object.fromEntries(options.param),
  };
}

function choosePreset(options: RunOptions, env: NodeJS.ProcessEnv): Preset {
  const name =
    options.provider ?? (options.baseUrl || env.OPENAI_API_KEY || env.OPENAI_BASE_URL ? OPENAI : null);
  if (name === null) {
    throw new LlmBatchError({
      code: "NO_PROVIDER",
      message:
        "nothing says which provider to use: no --provider, no --base-url, no OPENAI_API_KEY or OPENAI_BASE_URL",
      hint: "set OPENAI_API_KEY, or give --base-url URL, or --provider NAME; `--provider sim` tries it without a key",
    });
  }
  const preset = findPreset(name);
  if (preset) return preset;
  const names = PRESETS.map((known) => known.name);
  const close = nearest(name, names);
  throw new LlmBatchError({
    code: "UNKNOWN_PROVIDER",
    message: `--provider: unknown provider "${name}"`,
    hint: `${close ? `did you mean "${close}"? ` : ""}known are ${names.join(", ")}; any other by --base-url`,
  });
}

function chooseBaseUrl(options: RunOptions, preset: Preset, env: NodeJS.ProcessEnv): string {
  if (preset.name === "sim") return SIMULATOR_URL;
  const url = options.baseUrl ?? (preset.baseUrlEnv && env[preset.baseUrlEnv]) ?? preset.baseUrl;
  if (!url) {
    throw new LlmBatchError({
      code: "NO_BASE_URL",
      message: `the provider ${preset.name} has no fixed address`,
      hint: `give --base-url URL${preset.baseUrlEnv ? ` or set ${preset.baseUrlEnv}` : ""}`,
    });
  }
  if (!isPlainAddress(url)) {
    throw new LlmBatchError({
      code: "BAD_BASE_URL",
      message: "--base-url: not an http or https address without user and password",
      hint: "give it the way the provider's SDK takes it, e.g. https://api.openai.com/v1",
    });
  }
  return new URL(url).href.replace(/\/+$/, "");
}

/** Secrets in an address would be stored with the run. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
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

/** `@file` stands for the file's text. */
function textOrFile(value: string | null, flag: string): string | null {
  if (!value?.startsWith("@")) return value;
  try {
    return readFileSync(value.slice(1), "utf8");
  } catch (cause) {
    throw new LlmBatchError({
      code: "FILE_UNREADABLE",
      message: `${flag}: ${value.slice(1)}: can't be read: ${(cause as Error).message}`,
      hint: "check the path after the @",
      cause,
    });
  }
}

/**
 * The key for a run, from the environment; null where none is needed or set.
 * @throws LlmBatchError MISSING_KEY
 */
export function apiKey(request: RequestSettings, env: NodeJS.ProcessEnv): string | null {
  const key = request.apiKeyEnv ? env[request.apiKeyEnv]?.trim() : null;
  if (key) return key;
  const preset = findPreset(request.provider);
  const askedFor = request.apiKeyEnv !== (preset?.keyEnv ?? null);
  const needed = preset?.needsKey && request.baseUrl === preset.baseUrl;
  if (!askedFor && !needed) return null;
  throw new LlmBatchError({
    code: "MISSING_KEY",
    message: `no key for ${request.provider}: the environment variable ${request.apiKeyEnv} is not set`,
    hint: `export ${request.apiKeyEnv}=…, or put it in a file and give --env-file FILE`,
  });
}
