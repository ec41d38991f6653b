import { LIMIT_NAMES } from "../control/budget/limit.ts";
import { kebab } from "../domain/kebab.ts";
import { ENDPOINT_SETTINGS } from "./endpoints.ts";
import { isStructure, type Option } from "./option.ts";
import { RUN_OPTIONS } from "./run-options.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What may stand for a value, by how the flag's help writes it: `<n|auto>`, `<dur>`. Numbers may be written `10_000`. */
const VALUES: Readonly<Record<string, Schema>> = {
  "<usd>": { type: ["number", "string"] },
  "<n>": { type: ["integer", "string"] },
  "<n|auto>": { type: ["integer", "string"] },
  "<number>": { type: "number" },
  "<dur>": { type: "string", pattern: "^\\d+(\\.\\d+)?(ms|s|m|h|d)$" },
  "<p%>": { type: "string", pattern: "^\\d+(\\.\\d+)?%$" },
  "<n|p%>": { type: ["integer", "string"] },
  "<names>": { type: ["string", "array"], items: { type: "string" } },
};

/** The config file's JSON Schema (2020-12), made from the settings themselves; editors read it from the package. */
export function configSchema(): Schema {
  const options = Object.entries<Option<unknown>>(RUN_OPTIONS).filter(([, option]) => !isStructure(option));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "llm-batch.yaml",
    description: "Settings of llm-batch: the flags of `llm-batch run --help` without their dashes.",
    type: ["object", "null"],
    properties: {
      ...properties(options),
      endpoints: {
        description: "Places to send rows to, by names for --provider, --pool and --fallback.",
        type: "object",
        additionalProperties: endpointSchema(),
      },
      budgets: {
        description: 'Limits of groups of --budget-by, by their names; "*" is for all others.',
        type: "object",
        additionalProperties: budgetSchema(),
      },
    },
    additionalProperties: false,
  };
}

function budgetSchema(): Schema {
  const limits = LIMIT_NAMES.map((name) => [name, RUN_OPTIONS[name]] as const);
  return { type: "object", properties: properties(limits), additionalProperties: false };
}

function endpointSchema(): Schema {
  return {
    type: "object",
    properties: {
      ...properties(Object.entries(ENDPOINT_SETTINGS)),
      models: {
        description: "A row's model to this endpoint's name of it; no other models are sent here.",
        type: "object",
        additionalProperties: { type: "string" },
      },
    },
    additionalProperties: false,
  };
}

function properties(options: readonly (readonly [string, Option<unknown>])[]): Schema {
  return Object.fromEntries(options.map(([name, option]) => [kebab(name), settingSchema(option)]));
}

function settingSchema({ flags, description, fallback, repeats }: Option<unknown>): Schema {
  if (repeats) return { description, type: "object" };
  const placeholder = /<.*>/.exec(flags)?.[0];
  if (placeholder === undefined) return { description, type: "boolean", default: fallback };
  return { description, ...(VALUES[placeholder] ?? { type: "string" }) };
}
