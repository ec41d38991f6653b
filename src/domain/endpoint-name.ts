/**
 * How the name of an endpoint begins, which is what its state is kept under: with its address and its model. A fingerprint of
 * the key follows.
 * @param baseUrl of which a query is left out
 * @param model that is asked for; null leaves it to the row or the provider
 */
export function endpointPrefix(baseUrl: string, model: string | null): string {
  const { protocol, host, pathname } = new URL(baseUrl);
  const place = `${protocol}${host && `//${host}`}${pathname.replace(/\/+$/, "")}`;
  return `${model === null ? place : `${place} ${model}`} key:`;
}
