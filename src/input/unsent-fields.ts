import type { RequestSettings } from "../domain/request.ts";
import { isObject, type Row } from "../domain/row.ts";
import { compileTemplate } from "../request/template.ts";

type IsSetting = (value: unknown) => boolean;

/**
 * Body fields that a row may be written with in the belief that they are sent, to which values are meant so. Names that rows use
 * for data are not among them.
 */
const SETTINGS: ReadonlyMap<string, IsSetting> = new Map([
  ...each(["top_p", "top_k", "min_p", "seed", "stop", "stop_sequences", "logit_bias", "logprobs"], isSet),
  ...each(["top_logprobs", "frequency_penalty", "presence_penalty", "repetition_penalty"], isSet),
  ...each(["max_completion_tokens", "max_output_tokens", "reasoning_effort", "verbosity"], isSet),
  ...each(["response_format", "service_tier", "tools", "tool_choice", "parallel_tool_calls"], isSet),
  ...each(["system", "instructions"], isSet),
  ...each(["reasoning", "thinking", "output_config"], isObject),
]);

function each(names: readonly string[], isSetting: IsSetting): [string, IsSetting][] {
  return names.map((name) => [name, isSetting]);
}

function isSet(value: unknown): boolean {
  return value !== null && value !== "";
}

const TOOLS = ["tools", "tool_choice"];

/** What rows have and no request gets: plain data, so that another thread can tell it. */
export interface UnsentCounts {
  /** Names of fields that look like settings to how many rows have them. */
  fields: Readonly<Record<string, number>>;
  /** The names of `--param-fields` that no row has. */
  missing: readonly string[];
}

/** Counts fields of rows that look like settings and are not sent. */
export class UnsentFields {
  readonly #settings: RequestSettings;
  /** Fields whose use is known. */
  readonly #used: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();
  readonly #missing: Set<string>;

  constructor(settings: RequestSettings, budgetBy: string | null) {
    const { template, system, promptField, idField, paramFields } = settings;
    const shown = [template, system].flatMap((text) => (text === null ? [] : compileTemplate(text).fields));
    const named = [promptField, idField, budgetBy].filter((name) => name !== null);
    this.#settings = settings;
    this.#used = new Set([...shown, ...named, ...paramFields]);
    this.#missing = new Set(paramFields);
  }

  /** @param row one that is no line of a batch file */
  add(row: Row): void {
    if (this.#missing.size > 0)
      for (const name of this.#missing) if (row.has(name)) this.#missing.delete(name);
    for (const name of row.names()) {
      const isSetting = SETTINGS.get(name);
      if (isSetting?.(row.value(name)) && !this.#isUsed(row, name)) {
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      }
    }
  }

  /** Tools go with the row's own messages. */
  #isUsed(row: Row, name: string): boolean {
    if (this.#used.has(name) || !TOOLS.includes(name)) return this.#used.has(name);
    const { template, promptField } = this.#settings;
    return template === null && promptField === null && row.has("messages") && row.has("tools");
  }

  get(): UnsentCounts {
    return { fields: Object.fromEntries(this.#counts), missing: [...this.#missing] };
  }
}
