import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { RunOptions } from "../config/run-options.ts";
import { LATER_SETTINGS, type RequestSettings } from "../domain/request.ts";

/** What tells one run from another: its input, and the options that change its rows or what is sent. */
export function fingerprint(
  inputs: readonly { path: string; hash: string }[],
  request: RequestSettings,
  options: RunOptions,
): string {
  const { format, delimiter, limit, range, budgetBy, skipInvalid, maxRequestTokens, dedupe, reuse } = options;
  const identity = {
    inputs: inputs.map(({ path, hash }) => [path === "-" ? path : resolve(path), hash]),
    request: Object.entries(request)
      .filter(isSaid)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    rows: { format, limit, range: range && [range.from, String(range.to)], skipInvalid, maxRequestTokens },
    ...(delimiter !== null && { delimiter }),
    ...(budgetBy !== null && { budgetBy }),
    ...(dedupe && { dedupe }),
    ...(reuse && { reuse }),
  };
  return createHash("sha256").update(JSON.stringify(identity, withoutNaming)).digest("hex");
}

/** Who is named for the prices' sake is sent the same. */
function withoutNaming(name: string, value: unknown): unknown {
  return name === "isNamed" ? undefined : value;
}

/** A setting that came later is left out where it says nothing, so that runs from before it are found; a name changes nothing. */
function isSaid([name, value]: [string, unknown]): boolean {
  if (name === "name" || name === "isNamed") return false;
  if (!Object.hasOwn(LATER_SETTINGS, name)) return true;
  return JSON.stringify(value) !== JSON.stringify(LATER_SETTINGS[name as keyof typeof LATER_SETTINGS]);
}
