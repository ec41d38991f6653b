/** Whether base URLs end in the API's version (`https://api.openai.com/v1`) or before it (`https://api.anthropic.com`). */
export type BaseUrlForm = "versioned" | "bare";

/**
 * Joins an API path to a base URL as the API's official SDK takes it, and `/v1` is not doubled: the path's leading `/v1`
 * goes where the base URL has it already or, of the versioned form, has any path of its own, which then names the root
 * of the API. A query (Azure's `api-version`) stays, and a base URL that is whole already is taken as it is.
 */
export function endpointUrl(baseUrl: string, path: string, form: BaseUrlForm): URL {
  const url = new URL(baseUrl);
  const root = url.pathname.replace(/\/+$/, "");
  const namesVersion = form === "versioned" ? root !== "" : root.endsWith("/v1");
  const below = namesVersion ? path.replace(/^\/v1(?=\/)/, "") : path;
  url.pathname = root.endsWith(below) ? root : root + below;
  url.hash = "";
  return url;
}
