/** Everything besides the rows that decides what is sent. Two runs that differ here are different runs. */
export interface RequestSettings {
  /** A preset's name, e.g. `openai`, `sim`; null when only `baseUrl` is given. */
  provider: string | null;
  /** What the provider's official SDK takes, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  /** The name of the environment variable that holds the key; never the key. */
  apiKeyEnv: string | null;
  /** The model for rows that name none. */
  model: string | null;
  api: "chat";
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
}
