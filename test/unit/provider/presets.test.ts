import { expect, test } from "vitest";
import { resolveTargets } from "../../../src/app/settings/targets.ts";
import type { GivenOptions } from "../../../src/config/option-source.ts";
import { resolveOptions } from "../../../src/config/resolve.ts";
import { endpointUrl } from "../../../src/provider/endpoint-url.ts";
import { findPreset, PRESETS } from "../../../src/provider/presets.ts";
import { WIRE_FORMS } from "../../../src/provider/wire/wire-forms.ts";

test("every preset has a name of its own", () => {
  expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
});

test("a name that is none of ours is found nowhere", () => {
  expect(findPreset("openia")).toBeNull();
  expect(findPreset(null)).toBeNull();
});

/** Where a request goes, and as what, as the provider's own pages have it; `page` says where. */
interface Documented {
  page: string;
  url: string;
  keyEnv: string;
  header?: string;
}

const CHAT = "/chat/completions";
const DOCUMENTED: Record<string, Documented> = {
  openai: {
    page: "developers.openai.com/api/reference",
    url: `https://api.openai.com/v1${CHAT}`,
    keyEnv: "OPENAI_API_KEY",
  },
  anthropic: {
    page: "platform.claude.com/docs/en/api/messages",
    url: "https://api.anthropic.com/v1/messages",
    keyEnv: "ANTHROPIC_API_KEY",
    header: "x-api-key",
  },
  gemini: {
    page: "ai.google.dev/gemini-api/docs/openai",
    url: `https://generativelanguage.googleapis.com/v1beta/openai${CHAT}`,
    keyEnv: "GEMINI_API_KEY",
  },
  mistral: {
    page: "docs.mistral.ai/api",
    url: `https://api.mistral.ai/v1${CHAT}`,
    keyEnv: "MISTRAL_API_KEY",
  },
  groq: {
    page: "console.groq.com/docs/openai",
    url: `https://api.groq.com/openai/v1${CHAT}`,
    keyEnv: "GROQ_API_KEY",
  },
  together: {
    page: "docs.together.ai/docs/openai-api-compatibility",
    url: `https://api.together.xyz/v1${CHAT}`,
    keyEnv: "TOGETHER_API_KEY",
  },
  fireworks: {
    page: "docs.fireworks.ai/tools-sdks/openai-compatibility",
    url: `https://api.fireworks.ai/inference/v1${CHAT}`,
    keyEnv: "FIREWORKS_API_KEY",
  },
  deepseek: {
    page: "api-docs.deepseek.com",
    url: `https://api.deepseek.com/v1${CHAT}`,
    keyEnv: "DEEPSEEK_API_KEY",
  },
  xai: { page: "docs.x.ai/docs/guides/async", url: `https://api.x.ai/v1${CHAT}`, keyEnv: "XAI_API_KEY" },
  openrouter: {
    page: "openrouter.ai/docs/quickstart",
    url: `https://openrouter.ai/api/v1${CHAT}`,
    keyEnv: "OPENROUTER_API_KEY",
  },
  ollama: {
    page: "docs.ollama.com/api/openai-compatibility, /api/authentication",
    url: `http://localhost:11434/v1${CHAT}`,
    keyEnv: "OLLAMA_API_KEY",
  },
  vllm: {
    page: "docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    url: `http://localhost:8000/v1${CHAT}`,
    keyEnv: "VLLM_API_KEY",
  },
  lmstudio: {
    page: "lmstudio.ai/docs/developer/core/authentication",
    url: `http://localhost:1234/v1${CHAT}`,
    keyEnv: "LM_API_TOKEN",
  },
};

/** The request that `-m name/model` ends in. */
function requestOf(given: GivenOptions, env: NodeJS.ProcessEnv = {}) {
  const [target] = resolveTargets(resolveOptions([{ given, place: (name) => name }]), env).pool;
  const { api, baseUrl, provider, apiKeyEnv } = target!;
  const form = WIRE_FORMS[api];
  const headers = form.headers("KEY", findPreset(provider)!.dialect);
  return { url: endpointUrl(baseUrl, form.path, form.baseUrl).href, keyEnv: apiKeyEnv, headers };
}

test("every preset with an address of its own is checked against its provider's pages", () => {
  const fixed = PRESETS.filter(({ baseUrl }) => baseUrl !== null).map(({ name }) => name);
  expect(Object.keys(DOCUMENTED).sort()).toEqual(fixed.sort());
});

test.each(Object.entries(DOCUMENTED))("%s is asked as it documents", (name, { url, keyEnv, header }) => {
  const request = requestOf({ model: `${name}/some/model` });
  expect(request).toMatchObject({ url, keyEnv });
  const shown = header === undefined ? { authorization: "Bearer KEY" } : { [header]: "KEY" };
  expect(request.headers).toMatchObject(shown);
});

// learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: the v1 API, and deployments before it.
const RESOURCE = "https://r.openai.azure.com";
test.each([
  [RESOURCE, `${RESOURCE}/openai/v1${CHAT}`],
  [`${RESOURCE}/`, `${RESOURCE}/openai/v1${CHAT}`],
  [`${RESOURCE}/openai/v1/`, `${RESOURCE}/openai/v1${CHAT}`],
  [
    `${RESOURCE}/openai/deployments/d?api-version=2024-10-21`,
    `${RESOURCE}/openai/deployments/d${CHAT}?api-version=2024-10-21`,
  ],
])("azure at %s", (address, url) => {
  const expected = { url, keyEnv: "AZURE_OPENAI_API_KEY", headers: { "api-key": "KEY" } };
  expect(requestOf({ provider: "azure", baseUrl: address })).toEqual(expected);
  expect(requestOf({ provider: "azure" }, { AZURE_OPENAI_ENDPOINT: address })).toEqual(expected);
});
