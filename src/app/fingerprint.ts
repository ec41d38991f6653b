import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { RunOptions } from "../config/run-options.ts";
import type { RequestSettings } from "../domain/request.ts";

/** What tells one run from another: its input, and the options that change what is sent. */
export function fingerprint(
  inputs: readonly { path: string; hash: string }[],
  request: RequestSettings,
  options: RunOptions,
): string {
  const { format, limit, range, skipInvalid, maxRequestTokens } = options;
  const identity = {
    inputs: inputs.map(({ path, hash }) => [path === "-" ? path : resolve(path), hash]),
    request: Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)),
    rows: { format, limit, range: range && [range.from, String(range.to)], skipInvalid, maxRequestTokens },
  };
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex");
}
