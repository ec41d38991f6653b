import type { OptionSource } from "./option-source.ts";

/**
 * Where several sources say where rows go, each by another setting, only the strongest counts: `--provider`, `--base-url` and `-m
 * endpoint/model` overrule a pool of the config file, and `--pool` them; an address overrules the simulator, and the simulator an
 * address.
 * @param sources the strongest first
 */
export function withoutOverruled(sources: readonly OptionSource[]): readonly OptionSource[] {
  return withoutOtherPlace(withoutOtherWords(sources));
}

/** The built-in simulator has no address. */
function withoutOtherPlace(sources: readonly OptionSource[]): readonly OptionSource[] {
  const naming = sources.findIndex(
    ({ given }) => given.provider !== undefined || given.baseUrl !== undefined,
  );
  if (naming < 0) return sources;
  const { provider: named, baseUrl: address } = sources[naming]!.given;
  return sources.map((source, at) => {
    if (at <= naming) return source;
    const { provider, baseUrl, ...others } = source.given;
    const kept = {
      provider: provider === "sim" && address !== undefined ? undefined : provider,
      baseUrl: named === "sim" ? undefined : baseUrl,
    };
    return { ...source, given: { ...others, ...kept } };
  });
}

function withoutOtherWords(sources: readonly OptionSource[]): readonly OptionSource[] {
  const names = endpointNames(sources);
  const strongest = sources.findIndex(({ given }) => given.pool !== undefined || namesOne(given, names));
  if (strongest < 0) return sources;
  const isPool = sources[strongest]!.given.pool !== undefined;
  return sources.map((source, at) => {
    if (at <= strongest) return source;
    const { pool, provider, baseUrl, ...others } = source.given;
    const kept = isPool ? { pool } : { provider, baseUrl };
    return { ...source, given: { ...others, ...kept } };
  });
}

function namesOne(
  { provider, baseUrl, model }: OptionSource["given"],
  endpoints: readonly string[],
): boolean {
  const isInModel = typeof model === "string" && endpoints.some((name) => model.startsWith(`${name}/`));
  return provider !== undefined || baseUrl !== undefined || isInModel;
}

function endpointNames(sources: readonly OptionSource[]): string[] {
  const text = sources.find(({ given }) => given.endpoints !== undefined)?.given.endpoints;
  return typeof text === "string" ? Object.keys(JSON.parse(text) ?? {}) : [];
}
