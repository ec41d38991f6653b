import { LlmBatchError } from "../domain/errors.ts";
import { type OutageForm, parseOutageForm } from "./outage.ts";
import { parseSomeSettings, type SettingPair } from "./parse-settings.ts";
import type { SimulatorSettings } from "./settings.ts";

/** A change at run time; what is left out stays as it is. */
export interface ControlChange {
  settings?: Partial<SimulatorSettings>;
  /** Starts an outage, or ends the one that was started this way. */
  outage?: OutageForm | "end";
  /** Counts from zero: calls, the calls of each prompt, and the time that planned faults and outages go by. */
  resetStats?: boolean;
}

/**
 * Reads the body of `POST /control`: `{"settings": {"rpm": 300, "fault": ["hang:times=1"]}, "outage": 503 | "reset" | "end",
 * "reset_stats": true}`. A setting is told as text, number, null for none, or a list where it repeats.
 * @throws LlmBatchError BAD_OPTION
 */
export function parseControl(text: string): ControlChange {
  const { settings, outage, reset_stats: resetStats, ...rest } = parseObject(text);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badControl(`"${unknown}"`);
  const change: ControlChange = {};
  if (settings !== undefined) change.settings = parseSomeSettings(pairsOf(settings));
  if (outage !== undefined) change.outage = parseOutageChange(String(outage));
  if (resetStats !== undefined) change.resetStats = resetStats === true;
  return change;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badControl("a body that is not JSON", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badControl("no JSON object");
  return value as Record<string, unknown>;
}

function pairsOf(settings: unknown): SettingPair[] {
  if (typeof settings !== "object" || settings === null) throw badControl(`settings ${String(settings)}`);
  return Object.entries(settings).flatMap(([name, value]) => {
    // Naming a repeating setting replaces all it held, and an empty list is none.
    const values = Array.isArray(value) && value.length > 0 ? value : [Array.isArray(value) ? null : value];
    return values.map((one): SettingPair => [name, String(one ?? "none")]);
  });
}

function parseOutageChange(text: string): OutageForm | "end" {
  const outage = text === "end" ? text : parseOutageForm(text);
  if (outage === null) throw badControl(`the outage "${text}"`);
  return outage;
}

function badControl(what: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `POST /control does not take ${what}`,
    hint: 'it takes {"settings": {"rpm": 300}, "outage": 503, "reset_stats": true}; an outage is a 5xx, "reset" or "end"',
    cause,
  });
}
