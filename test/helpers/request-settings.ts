import { LATER_SETTINGS, type RequestSettings } from "../../src/domain/request.ts";

/** Settings that send each row's own prompt to model `m`, and what a test wants otherwise. */
export function requestSettings(wanted: Partial<RequestSettings> = {}): RequestSettings {
  return {
    provider: "sim",
    baseUrl: "sim:",
    apiKeyEnv: null,
    model: "m",
    api: "chat",
    template: null,
    system: null,
    promptField: null,
    idField: null,
    temperature: null,
    maxTokens: null,
    params: {},
    ...LATER_SETTINGS,
    ...wanted,
  };
}
