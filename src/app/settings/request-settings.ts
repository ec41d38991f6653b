import { readFileSync } from "node:fs";
import type { RunOptions } from "../../config/run-options.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import type { RequestSettings, Target } from "../../domain/request.ts";
import { findPreset } from "../../provider/presets.ts";
import { resolveTargets } from "./targets.ts";

/**
 * Settles what is sent, and to whom, from options and environment.
 * @throws LlmBatchError as `resolveTargets`, and FILE_UNREADABLE
 */
export function requestSettings(options: RunOptions, env: NodeJS.ProcessEnv): RequestSettings {
  const { pool, fallback } = resolveTargets(options, env);
  const [first, ...others] = pool;
  return {
    ...first!,
    others,
    fallback,
    template: textOrFile(options.template, "--template"),
    system: textOrFile(options.system, "--system"),
    promptField: options.promptField,
    idField: options.idField,
    temperature: options.temperature,
    maxTokens: options.maxTokens,
    params: Object.fromEntries(options.param),
    paramFields: options.paramFields,
    serviceTier: options.serviceTier,
    jsonSchema: options.jsonSchema === null ? null : readText(options.jsonSchema, "--json-schema"),
    samples: options.samples,
  };
}

/** `@file` stands for the file's text. */
function textOrFile(value: string | null, flag: string): string | null {
  return value?.startsWith("@") ? readText(value.slice(1), flag) : value;
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new LlmBatchError({
      code: "FILE_UNREADABLE",
      message: `${flag}: ${path}: can't be read: ${fileTrouble(cause)}`,
      hint: "check the path",
      cause,
    });
  }
}

/**
 * The key for a target, from the environment; null where none is needed or set.
 * @throws LlmBatchError MISSING_KEY, BAD_KEY
 */
export function apiKey(target: Target, env: NodeJS.ProcessEnv): string | null {
  const key = target.apiKeyEnv ? env[target.apiKeyEnv]?.trim() : null;
  if (key) return checkKey(key, target.apiKeyEnv!);
  const preset = findPreset(target.provider);
  const askedFor = target.apiKeyEnv !== (preset?.keyEnv ?? null);
  const needed = preset?.needsKey && target.baseUrl === preset.baseUrl;
  if (!askedFor && !needed) return null;
  throw new LlmBatchError({
    code: "MISSING_KEY",
    message: `no key for ${target.name}: the environment variable ${target.apiKeyEnv} is not set`,
    hint: `export ${target.apiKeyEnv}=…, or put it in a file and give --env-file FILE`,
  });
}

/** What a header can't carry would only be found out at the first call. The key itself is never shown. */
function checkKey(key: string, variable: string): string {
  const at = key.search(/[^\x20-\x7e]/);
  if (at < 0) return key;
  const found = /[\r\n]/.test(key[at]!) ? "a line break" : "a character that no key has";
  throw new LlmBatchError({
    code: "BAD_KEY",
    message: `the environment variable ${variable} holds ${found} at character ${at + 1} of ${key.length}`,
    hint: `copy the key again, and nothing else: export ${variable}=…`,
  });
}
