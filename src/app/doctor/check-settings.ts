import { configSource } from "../../config/config-file.ts";
import { environmentSource, type OptionSource } from "../../config/option-source.ts";
import { resolveOptions } from "../../config/resolve.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { type Check, failedBy, passed } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { checkProvider } from "./check-provider.ts";

export interface SettingsCheckOptions {
  flags: OptionSource;
  env: NodeJS.ProcessEnv;
  /** As given by `--config`. */
  config: string | null;
  /** Sends nothing. */
  offline: boolean;
  clock: Clock;
}

/** Checks what a run would be started with: settings, provider, key, endpoint. */
export async function checkSettings(request: SettingsCheckOptions): Promise<Check[]> {
  const { env, offline, clock } = request;
  const options = settle(request);
  if ("verdict" in options) return [options];
  const settings = passed("settings", "flags, environment and config file can be read");
  return [settings, ...(await checkProvider({ options, env, offline, clock }))];
}

function settle({ flags, env, config }: SettingsCheckOptions): RunOptions | Check {
  try {
    return resolveOptions([flags, environmentSource(env), configSource(config)]);
  } catch (error) {
    if (error instanceof LlmBatchError) return failedBy("settings", error);
    throw error;
  }
}
