/**
 * The APIs that requests are made to: as `--api` names them, and the two that only lines of an OpenAI batch file name.
 */
export type Api = "chat" | "responses" | "embeddings" | "messages" | "completions" | "moderations";

/** Somewhere rows can be sent. */
export interface Target {
  /** What results and figures call it: its name in the config file, else the provider's, else the host. */
  name: string;
  /** A preset's name, e.g. `openai`, `sim`. */
  provider: string | null;
  /** Whether the user said that provider's name, rather than an address alone: then its prices hold wherever it is reached. */
  isNamed: boolean;
  /** What the provider's official SDK takes, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  /** The name of the environment variable that holds the key; never the key. */
  apiKeyEnv: string | null;
  /** The model for rows that name none. */
  model: string | null;
  /**
   * From models as rows name them to this target's names for them; other models aren't served. Null serves every model under its
   * own name.
   */
  models: Readonly<Record<string, string>> | null;
  /** Whether rows are sent with this target's `model`, whatever model they name themselves. */
  everyModel: boolean;
  /** For rows that don't name one, as the lines of a batch file do. */
  api: Api;
}

/** Everything besides the rows that decides what is sent. Two runs that differ here are different runs. */
export interface RequestSettings extends Omit<Target, "name"> {
  /** As in {@link Target}; null in runs from before targets had names. */
  name: string | null;
  /** Who shares the work with the first target. */
  others: readonly Target[];
  /** Who gets the rows that the ones before can't serve or fail, in this order. */
  fallback: readonly Target[];
  /** Text with `{{field}}` in it; null sends the row's own `prompt` or `messages`. */
  template: string | null;
  /** System prompt; may hold `{{field}}`. */
  system: string | null;
  /** The field that holds the prompt, where it isn't `prompt`. */
  promptField: string | null;
  /** The field that holds the id, where it isn't `custom_id` or `id`. */
  idField: string | null;
  temperature: number | null;
  maxTokens: number | null;
  /** Further body fields: name to JSON text. */
  params: Readonly<Record<string, string>>;
  /** Fields of the rows that are sent as body fields of the same name. */
  paramFields: readonly string[];
  /** What the provider charges and hurries by, e.g. `flex`; null leaves it to the provider. */
  serviceTier: string | null;
  /** JSON text of the JSON Schema (2020-12) that answers must fit; null lets any text pass. */
  jsonSchema: string | null;
  /** Answers asked for each row, each its own job. */
  samples: number;
}

/** Values of the settings that came after the first release, for runs that were stored without them. */
export const LATER_SETTINGS = {
  name: null,
  isNamed: false,
  models: null,
  everyModel: false,
  others: [],
  fallback: [],
  paramFields: [],
  serviceTier: null,
  jsonSchema: null,
  samples: 1,
} as const satisfies Partial<RequestSettings>;

/** Who shares the work of a run. */
export function poolOf(request: RequestSettings): Target[] {
  const { provider, isNamed, baseUrl, apiKeyEnv, model, models, everyModel, api, others } = request;
  const name = request.name ?? provider ?? baseUrl;
  return [{ name, provider, isNamed, baseUrl, apiKeyEnv, model, models, everyModel, api }, ...others];
}

/** Everybody whom rows of a run can be sent to. */
export function targetsOf(request: RequestSettings): Target[] {
  return [...poolOf(request), ...request.fallback];
}
