import { type Option, option, optional, pairs } from "./option.ts";
import {
  concurrency,
  count,
  decimal,
  duration,
  failures,
  flag,
  limit,
  oneOf,
  range,
  share,
  text,
} from "./parse.ts";

/**
 * Every setting of a run, once: the flags, the help, the environment variables (`LLM_BATCH_` and the flag's name), the
 * config file's keys and the README's table are all made from this.
 */
export const RUN_OPTIONS = {
  format: optional(
    {
      group: "input",
      flags: "--format <format>",
      description: "jsonl, csv or tsv; else by the file's ending",
    },
    oneOf("jsonl", "csv", "tsv"),
  ),
  idField: optional(
    {
      group: "input",
      flags: "--id-field <name>",
      description: "field that holds a row's id (custom_id, id, else row-N)",
    },
    text,
  ),
  promptField: optional(
    { group: "input", flags: "--prompt-field <name>", description: "field that holds the prompt" },
    text,
  ),
  template: optional(
    { group: "input", flags: "--template <text|@file>", description: "prompt with {{field}} in it" },
    text,
  ),
  system: optional(
    { group: "input", flags: "--system <text|@file>", description: "system prompt; may hold {{field}}" },
    text,
  ),
  limit: optional(
    { group: "input", flags: "--limit <n>", description: "take only the first n rows" },
    count(),
  ),
  range: optional(
    { group: "input", flags: "--range <a:b>", description: "take only rows a to b, counted from 1" },
    range,
  ),
  skipInvalid: option(
    {
      group: "input",
      flags: "--skip-invalid",
      description: "keep bad rows as failed instead of refusing the file",
    },
    flag,
    false,
  ),

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
  api: option(
    { group: "request", flags: "--api <form>", description: "form of the request" },
    oneOf("chat"),
    "chat",
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

  concurrency: option(
    {
      group: "speed",
      flags: "-c, --concurrency <n|auto>",
      description: "calls in flight at once, for each model",
    },
    concurrency,
    "auto",
  ),
  rpm: option({ group: "speed", flags: "--rpm <n|auto>", description: "requests per minute" }, limit, "auto"),
  tpm: option(
    { group: "speed", flags: "--tpm <n|auto>", description: "tokens per minute, input and output" },
    limit,
    "auto",
  ),
  itpm: option(
    { group: "speed", flags: "--itpm <n|auto>", description: "input tokens per minute" },
    limit,
    "auto",
  ),
  otpm: option(
    { group: "speed", flags: "--otpm <n|auto>", description: "output tokens per minute" },
    limit,
    "auto",
  ),
  rpd: option({ group: "speed", flags: "--rpd <n|auto>", description: "requests per day" }, limit, "auto"),
  tpd: option({ group: "speed", flags: "--tpd <n|auto>", description: "tokens per day" }, limit, "auto"),
  share: option(
    {
      group: "speed",
      flags: "--share <p%>",
      description: "share of every quota to use; others keep the rest",
    },
    share,
    1,
  ),

  maxAttempts: option(
    {
      group: "failure",
      flags: "--max-attempts <n>",
      description: "failures after which a row has failed for good",
    },
    count(),
    5,
  ),
  timeout: option(
    { group: "failure", flags: "--timeout <dur>", description: "longest a call may take" },
    duration,
    600_000,
  ),
  backoffBase: option(
    { group: "failure", flags: "--backoff-base <dur>", description: "first wait before a row is retried" },
    duration,
    1_000,
  ),
  backoffMax: option(
    { group: "failure", flags: "--backoff-max <dur>", description: "longest wait before a row is retried" },
    duration,
    60_000,
  ),
  breakerFailures: option(
    {
      group: "failure",
      flags: "--breaker-failures <n>",
      description: "failures in a row that open the breaker",
    },
    count(),
    5,
  ),
  breakerCooldown: option(
    { group: "failure", flags: "--breaker-cooldown <dur>", description: "first pause of an open breaker" },
    duration,
    30_000,
  ),
  breakerProbes: option(
    {
      group: "failure",
      flags: "--breaker-probes <n>",
      description: "calls let through to test the provider",
    },
    count(),
    1,
  ),
  breakerOn429: option(
    { group: "failure", flags: "--breaker-on-429", description: "count rate-limit refusals as failures too" },
    flag,
    false,
  ),
  stallTimeout: option(
    {
      group: "failure",
      flags: "--stall-timeout <dur>",
      description: "stop when no call has succeeded for so long",
    },
    duration,
    1_800_000,
  ),

  maxTotalTokens: optional(
    {
      group: "bounds",
      flags: "--max-total-tokens <n>",
      description: "stop when the run has used so many tokens",
    },
    count(),
  ),
  maxRequestTokens: optional(
    { group: "bounds", flags: "--max-request-tokens <n>", description: "refuse rows estimated above this" },
    count(),
  ),
  deadline: optional(
    { group: "bounds", flags: "--deadline <dur>", description: "stop after so long" },
    duration,
  ),
  maxFailures: optional(
    {
      group: "bounds",
      flags: "--max-failures <n|p%>",
      description: "stop when more rows than this have failed",
    },
    failures,
  ),

  output: optional(
    {
      group: "output",
      flags: "-o, --output <file>",
      description: "write the results here when the run ends",
    },
    text,
  ),
  outputFormat: optional(
    {
      group: "output",
      flags: "--output-format <format>",
      description: "jsonl or csv; else by the file's ending",
    },
    oneOf("jsonl", "csv"),
  ),
  force: option(
    { group: "output", flags: "--force", description: "replace a file that is in the way" },
    flag,
    false,
  ),

  durability: option(
    {
      group: "storage",
      flags: "--durability <level>",
      description: "full survives power loss; normal is faster",
    },
    oneOf("full", "normal"),
    "full",
  ),
};

type Table = Record<string, Option<unknown>>;
type OptionValues<T extends Table> = {
  readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never;
};
export type RunOptionName = keyof typeof RUN_OPTIONS;
export type RunOptions = OptionValues<typeof RUN_OPTIONS>;
