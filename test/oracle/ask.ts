import { onTestFinished } from "vitest";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { RequestSettings } from "../../src/domain/request.ts";
import { createProvider } from "../../src/provider/endpoint.ts";
import { findPreset } from "../../src/provider/presets.ts";
import { compileRequest } from "../../src/request/compile-request.ts";
import { systemClock } from "../../src/system/clock.ts";
import { claimedJob } from "../helpers/claimed-job.ts";
import { requestSettings } from "../helpers/request-settings.ts";

/** What no test needs to know. */
export const KEY = "sk-0123456789abcdef";

/** Sends a row the way a run does: its request built from row and settings, its reply read and classified. */
export function ask(row: object, settings: Partial<RequestSettings> & { baseUrl: string }): Promise<Outcome> {
  const build = compileRequest(requestSettings(settings));
  const provider = createProvider({
    baseUrl: settings.baseUrl,
    key: KEY,
    model: null,
    provider: settings.provider ?? null,
    run: "r_abcdefgh",
    build: (job) => build(job.row, null),
    dialect: findPreset(settings.provider ?? null)?.dialect ?? null,
    timeoutMs: 30_000,
    concurrency: 1,
    clock: systemClock,
  });
  onTestFinished(() => provider.close());
  return provider.prepare(claimedJob(1, { row: JSON.stringify(row) })).send(new AbortController().signal);
}
