/**
 * Joins an API path to a base URL as the official SDKs take it. `/v1` is not doubled: a base URL with a path of its own
 * names the root of the API, so the path's leading `/v1` goes. A query (Azure's `api-version`) stays, and a base URL
 * that is whole already is taken as it is.
 */
export function endpointUrl(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  const root = url.pathname.replace(/\/+$/, "");
  const below = root === "" ? path : path.replace(/^\/v1(?=\/)/, "");
  url.pathname = root.endsWith(below) ? root : root + below;
  url.hash = "";
  return url;
}
