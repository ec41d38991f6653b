import { type Endpoints, parseEndpoints } from "../endpoints.ts";
import { option, optional, structure } from "../option.ts";
import { names } from "../parse.ts";

/** Several places to send rows to. */
export const ENDPOINT_OPTIONS = {
  endpoints: structure<Endpoints>(
    {
      group: "endpoints",
      flags: "endpoints",
      description: "config file only: names to settings (provider, base-url, model, api-key-env, rpm, …)",
    },
    parseEndpoints,
    new Map(),
  ),
  pool: optional(
    {
      group: "endpoints",
      flags: "--pool <names>",
      description: "endpoints or providers that share the work by what each has free, e.g. a,b",
    },
    names,
  ),
  fallback: option(
    {
      group: "endpoints",
      flags: "--fallback <names>",
      description: "endpoints or providers for rows that the ones before can't serve or fail, in this order",
    },
    names,
    [],
  ),
};
