import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { RunOptions } from "../config/run-options.ts";
import { LATER_SETTINGS, type RequestSettings, type Target } from "../domain/request.ts";
import { isBehindGateway } from "../request/bodies/bodies.ts";

/** What tells one run from another: its input, and the options that change its rows or what is sent. */
export function fingerprint(
  inputs: readonly { path: string; hash: string }[],
  request: RequestSettings,
  options: RunOptions,
): string {
  const { format, delimiter, limit, range, budgetBy, skipInvalid, maxRequestTokens, dedupe, reuse } = options;
  const identity = {
    inputs: inputs.map(({ path, hash }) => [path === "-" ? path : resolve(path), hash]),
    request: Object.entries(withoutNaming(request))
      .filter(isSaid)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    rows: { format, limit, range: range && [range.from, String(range.to)], skipInvalid, maxRequestTokens },
    ...(delimiter !== null && { delimiter }),
    ...(budgetBy !== null && { budgetBy }),
    ...(dedupe && { dedupe }),
    ...(reuse && { reuse }),
  };
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex");
}

/** That a provider is named is left out where it is for the prices' sake alone, and the same is sent. */
function withoutNaming(request: RequestSettings): object {
  const others = request.others.map(withoutIdleName);
  return { ...withoutIdleName(request), others, fallback: request.fallback.map(withoutIdleName) };
}

function withoutIdleName(target: Omit<Target, "name">): object {
  const { isNamed, ...said } = target;
  return target.api === "chat" && isBehindGateway(target) ? { ...said, isNamed } : said;
}

/** A setting that came later is left out where it says nothing, so that runs from before it are found; a name changes nothing. */
function isSaid([name, value]: [string, unknown]): boolean {
  if (name === "name") return false;
  if (!Object.hasOwn(LATER_SETTINGS, name)) return true;
  return JSON.stringify(value) !== JSON.stringify(LATER_SETTINGS[name as keyof typeof LATER_SETTINGS]);
}
