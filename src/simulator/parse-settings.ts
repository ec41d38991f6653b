import { LlmBatchError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import { SIMULATOR_SETTINGS, type SimulatorSetting, type SimulatorSettings } from "./settings.ts";

/** A setting's name and its text, e.g. `["rpm", "600"]`. */
export type SettingPair = readonly [name: string, text: string];

/**
 * Settings from texts; what isn't named has its default. A name given twice adds up where it repeats, else the last counts.
 * @throws LlmBatchError BAD_OPTION on an unknown name or a bad value.
 */
export function parseSimulatorSettings(pairs: Iterable<SettingPair>): SimulatorSettings {
  return { ...defaults(), ...parseSomeSettings(pairs) };
}

/**
 * Only the settings that are named.
 * @throws LlmBatchError BAD_OPTION on an unknown name or a bad value.
 */
export function parseSomeSettings(pairs: Iterable<SettingPair>): Partial<SimulatorSettings> {
  const settings: Record<string, unknown> = {};
  for (const [name, text] of pairs) {
    const setting = findSetting(name);
    const parsed = setting.parse(text);
    if (!parsed) throw badValue(name, text, setting.form);
    settings[name] = setting.repeats ? [...asList(settings[name]), ...asList(parsed.value)] : parsed.value;
  }
  return settings as Partial<SimulatorSettings>;
}

function defaults(): SimulatorSettings {
  const entries = Object.entries(SIMULATOR_SETTINGS) as [string, SimulatorSetting<unknown>][];
  return parseSomeSettings(
    entries.map(([name, { default: text }]) => [name, text] as const),
  ) as SimulatorSettings;
}

function findSetting(name: string): SimulatorSetting<unknown> {
  if (Object.hasOwn(SIMULATOR_SETTINGS, name)) return SIMULATOR_SETTINGS[name as keyof SimulatorSettings];
  const names = Object.keys(SIMULATOR_SETTINGS);
  const near = nearest(name, names);
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: `the simulator has no setting "${name}"`,
    hint: near ? `did you mean ${near}?` : `the settings are ${names.join(", ")}`,
  });
}

function badValue(name: string, text: string, form: string): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `the simulator's setting ${name} cannot be "${text}"`,
    hint: `give it as: ${form}`,
  });
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
