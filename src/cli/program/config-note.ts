import { DEFAULT_PATH } from "../../config/config-file.ts";
import type { OptionSource } from "../../config/option-source.ts";
import type { RunOptionName } from "../../config/run-options.ts";
import { type RequestSettings, type Target, targetsOf } from "../../domain/request.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../text/printable.ts";

/** What decides which host gets rows, and which variable's value as a key. */
const WHERE: readonly RunOptionName[] = ["baseUrl", "apiKeyEnv", "endpoints"];

/**
 * Says, before anything is sent, where rows and keys go if a config file that nobody named has a say in it: it may have come with
 * somebody else's folder.
 */
export function tellOfConfig(
  { context, globals }: Invocation,
  { given }: OptionSource,
  request: RequestSettings,
): void {
  if (globals.quiet || globals.config !== null || !WHERE.some((name) => given[name] !== undefined)) return;
  const places = targetsOf(request).map(placeOf).join(", ");
  context.stderr.write(`${printableLine(`${DEFAULT_PATH} is read: rows go to ${places}`)}\n`);
}

function placeOf({ name, baseUrl, apiKeyEnv }: Target): string {
  const host = new URL(baseUrl).host || name;
  return apiKeyEnv === null ? host : `${host} with ${apiKeyEnv}`;
}
