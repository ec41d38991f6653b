import { option, optional, pairs } from "../option.ts";
import { count, decimal, names, oneOf, text } from "../parse.ts";

/** To whom rows are sent, and as what. */
export const REQUEST_OPTIONS = {
  provider: optional(
    {
      group: "request",
      flags: "--provider <name>",
      description: "openai, groq, ollama, … or sim, the built-in simulator",
    },
    text,
  ),
  baseUrl: optional(
    {
      group: "request",
      flags: "--base-url <url>",
      description: "any OpenAI-compatible endpoint, as its SDK takes it",
    },
    text,
  ),
  model: optional(
    { group: "request", flags: "-m, --model <name>", description: "model for rows that name none" },
    text,
  ),
  api: optional(
    {
      group: "request",
      flags: "--api <form>",
      description: "chat, responses, embeddings or messages; else the provider's usual one",
    },
    oneOf("chat", "responses", "embeddings", "messages"),
  ),
  temperature: optional(
    { group: "request", flags: "--temperature <number>", description: "sampling temperature" },
    decimal,
  ),
  maxTokens: optional(
    { group: "request", flags: "--max-tokens <n>", description: "most tokens an answer may have" },
    count(),
  ),
  param: pairs({
    group: "request",
    flags: "--param <key=json>",
    description: "any further body field; may be repeated",
  }),
  paramFields: option(
    {
      group: "request",
      flags: "--param-fields <names>",
      description: "fields of the rows that are sent as body fields, e.g. top_p,seed",
    },
    names,
    [],
  ),
  serviceTier: optional(
    {
      group: "request",
      flags: "--service-tier <tier>",
      description: "flex: half the price and slower, with 15m of --timeout; or any the provider knows",
    },
    text,
  ),
  jsonSchema: optional(
    {
      group: "request",
      flags: "--json-schema <file>",
      description: "JSON Schema (2020-12) to ask for, and to check each answer against",
    },
    text,
  ),
  samples: option(
    { group: "request", flags: "--samples <n>", description: "answers to ask for, for each row" },
    count(),
    1,
  ),
  apiKeyEnv: optional(
    {
      group: "request",
      flags: "--api-key-env <name>",
      description: "environment variable that holds the key",
    },
    text,
  ),
  sim: pairs({
    group: "request",
    flags: "--sim <key=value>",
    description: "setting of the simulator, as in `simulate --help`; may be repeated",
  }),
};
