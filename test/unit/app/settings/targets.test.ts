import { describe, expect, it } from "vitest";
import { resolveTargets } from "../../../../src/app/settings/targets.ts";
import type { GivenOptions } from "../../../../src/config/option-source.ts";
import { resolveOptions } from "../../../../src/config/resolve.ts";

const ENDPOINTS = JSON.stringify({
  fast: { provider: "groq", model: "llama", "api-key-env": "GROQ_2" },
  own: { "base-url": "http://10.0.0.1:8000/v1", models: { "gpt-4.1": "served" } },
});

function resolve(given: GivenOptions, env: NodeJS.ProcessEnv = {}) {
  return resolveTargets(resolveOptions([{ given, place: (name) => `--${name}` }]), env);
}

describe("where rows go", () => {
  it("is a preset, by --provider or before the slash of -m", () => {
    expect(resolve({ provider: "groq", model: "openai/gpt-oss-20b" }).pool).toMatchObject([
      { name: "groq", baseUrl: "https://api.groq.com/openai/v1", model: "openai/gpt-oss-20b" },
    ]);
    expect(resolve({ model: "mistral/small" }).pool).toMatchObject([{ name: "mistral", model: "small" }]);
  });

  it("is whom the environment has a key for", () => {
    const both = { OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "k" };
    expect(resolve({}, { ANTHROPIC_API_KEY: "k" }).pool).toMatchObject([
      { name: "anthropic", api: "messages" },
    ]);
    expect(resolve({}, both).pool).toMatchObject([{ name: "openai" }]);
    expect(resolve({ model: "claude-haiku-4-5" }, both).pool).toMatchObject([{ name: "anthropic" }]);
  });

  it("keeps a model's name whole where an address is given", () => {
    const { pool } = resolve({ baseUrl: "http://127.0.0.1:1/v1", model: "openai/gpt-oss-20b" });
    expect(pool).toMatchObject([{ name: "127.0.0.1:1", provider: "openai", model: "openai/gpt-oss-20b" }]);
  });

  it("is a pool of endpoints and providers, with others to fall back on", () => {
    const targets = resolve({ endpoints: ENDPOINTS, pool: "fast,own", fallback: "mistral", model: "m" });
    expect(targets.pool).toMatchObject([
      { name: "fast", provider: "groq", model: "llama", apiKeyEnv: "GROQ_2", models: null },
      { name: "own", provider: "openai", model: "m", models: { "gpt-4.1": "served" } },
    ]);
    expect(targets.fallback).toMatchObject([{ name: "mistral", model: "m" }]);
  });

  it("is what the strongest source says of it", () => {
    const config = { endpoints: ENDPOINTS, pool: "fast,own", fallback: "fast", model: "m" };
    const names = (flags: GivenOptions, weaker: GivenOptions = config) => {
      const sources = [flags, weaker].map((given) => ({ given, place: (name: string) => name }));
      const { pool, fallback } = resolveTargets(resolveOptions(sources), {});
      return [
        ...pool.map(({ name, model }) => `${name} ${model}`),
        ...fallback.map(({ name }) => `then ${name}`),
      ];
    };
    expect(names({})).toEqual(["fast llama", "own m"]);
    expect(names({ provider: "fast" })).toEqual(["fast llama"]);
    expect(names({ provider: "xai" })).toEqual(["xai m", "then fast"]);
    expect(names({ model: "own/other" })).toEqual(["own other", "then fast"]);
    expect(names({ model: "openai/gpt-oss-20b" })).toEqual(["fast llama", "own openai/gpt-oss-20b"]);
    expect(names({ baseUrl: "http://127.0.0.1:1/v1" })).toEqual(["127.0.0.1:1 m", "then fast"]);
    const rehearsal = { provider: "sim" };
    expect(names({ baseUrl: "http://127.0.0.1:1/v1", model: "m" }, rehearsal)).toEqual(["127.0.0.1:1 m"]);
    expect(names(rehearsal, { baseUrl: "http://127.0.0.1:1/v1" })).toEqual(["sim sim-1"]);
    expect(names({ pool: "own" }, { endpoints: ENDPOINTS, provider: "groq", model: "m" })).toEqual(["own m"]);
  });

  it.each<[GivenOptions, string]>([
    [{ provider: "opnai" }, "UNKNOWN_PROVIDER"],
    [{ pool: "fast" }, "UNKNOWN_PROVIDER"],
    [{ pool: "groq", provider: "openai" }, "BAD_OPTION"],
    [{ provider: "azure" }, "NO_BASE_URL"],
    [{}, "NO_PROVIDER"],
  ])("%j is refused", (given, code) => {
    expect(() => resolve(given)).toThrow(expect.objectContaining({ code }));
  });
});
