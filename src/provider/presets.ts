import type { Api } from "../domain/request.ts";
import type { ChargingProfile } from "../domain/usage.ts";
import type { Dialect } from "./dialects.ts";

/** A provider that can be named instead of described. */
export interface Preset {
  name: string;
  /** Null where it is another for each account, or known only at run time. */
  baseUrl: string | null;
  /** The environment variable that holds the key, as the provider's own tools name it; null when there is none. */
  keyEnv: string | null;
  /** The environment variables that override `baseUrl`, the first that is set. */
  baseUrlEnvs: readonly string[];
  /** Where the API begins at an address that is a host alone; null where every address says it itself. */
  root: string | null;
  needsKey: boolean;
  dialect: Dialect;
  /** The API that rows are sent to where neither row nor run says it. */
  api: Api;
  charging: ChargingProfile;
}

export const PRESETS: readonly Preset[] = [
  {
    ...hosted("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    baseUrlEnvs: ["OPENAI_BASE_URL"],
    charging: "upfront",
  },
  {
    ...hosted("azure", null, "AZURE_OPENAI_API_KEY"),
    baseUrlEnvs: ["AZURE_OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"],
    root: "/openai/v1",
    dialect: "azure",
    charging: "upfront",
  },
  {
    ...hosted("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    baseUrlEnvs: ["ANTHROPIC_BASE_URL"],
    dialect: "anthropic",
    api: "messages",
    charging: "uncached",
  },
  hosted("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
  hosted("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
  { ...hosted("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"), dialect: "groq" },
  hosted("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY"),
  hosted("fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
  hosted("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
  hosted("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
  { ...hosted("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"), dialect: "openrouter" },
  local("ollama", "http://localhost:11434/v1"),
  local("vllm", "http://localhost:8000/v1"),
  { ...local("lmstudio", "http://localhost:1234/v1"), keyEnv: "LM_API_TOKEN" },
  {
    name: "sim",
    baseUrl: null,
    keyEnv: null,
    baseUrlEnvs: [],
    root: null,
    needsKey: false,
    dialect: "generic",
    api: "chat",
    charging: "upfront",
  },
];

/** Null for a name that is none of ours, and for none. */
export function findPreset(name: string | null): Preset | null {
  return PRESETS.find((preset) => preset.name === name) ?? null;
}

function hosted(name: string, baseUrl: string | null, keyEnv: string): Preset {
  return {
    name,
    baseUrl,
    keyEnv,
    baseUrlEnvs: [],
    root: null,
    needsKey: true,
    dialect: "generic",
    api: "chat",
    charging: "used",
  };
}

/** A server of one's own: its address and key, if it wants one, are named after it. */
function local(name: string, baseUrl: string): Preset {
  const prefix = name.toUpperCase();
  return {
    name,
    baseUrl,
    keyEnv: `${prefix}_API_KEY`,
    baseUrlEnvs: [`${prefix}_BASE_URL`],
    root: null,
    needsKey: false,
    dialect: "generic",
    api: "chat",
    charging: "used",
  };
}
