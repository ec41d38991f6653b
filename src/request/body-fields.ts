import { LlmBatchError } from "../domain/errors.ts";
import { withMember } from "../domain/raw-json.ts";
import type { Api, RequestSettings } from "../domain/request.ts";
import { isObject, type Row } from "../domain/row.ts";
import { readSchema } from "./answer-schema.ts";
import type { BodyForm } from "./bodies/body-form.ts";
import { isConversational } from "./conversation/conversation.ts";
import { choiceFor, fieldsFor, toolsFor } from "./conversation/tools.ts";
import { ownNumber, ownParam, ownToolChoice, ownTools } from "./overrides.ts";
import { badParam, checkParamFields, checkParams, paramMembers } from "./params.ts";

/** The fields of a body besides model and prompt: name to JSON text, in their order. */
export type BodyFields = ReadonlyMap<string, string>;

/**
 * The fields that a run's settings give every request.
 * @throws LlmBatchError OPTION_NOT_APPLICABLE, BAD_PARAM, BAD_SCHEMA.
 */
export function runFields(settings: RequestSettings, form: BodyForm): BodyFields {
  refuseWhatHasNoField(settings, form);
  checkParams(settings.params, form);
  checkParamFields(settings.paramFields, form);
  const { temperature, maxTokens, serviceTier } = form.names;
  const fields = new Map<string, string>();
  const set = (name: string | null, value: unknown): void => {
    if (name !== null && value !== null) fields.set(name, JSON.stringify(value));
  };
  set(temperature, settings.temperature);
  set(maxTokens, settings.maxTokens ?? form.defaultMaxTokens);
  set(serviceTier, settings.serviceTier);
  for (const [name, text] of Object.entries(settings.params)) {
    for (const [field, value] of paramMembers(name, text, settings.api)) fields.set(field, value);
  }
  if (settings.jsonSchema !== null) addSchema(fields, settings.jsonSchema, form);
  return fields;
}

/** What is to be known of a run and a row to give the row's own fields. */
export interface OwnFields {
  settings: RequestSettings;
  form: BodyForm;
  hasMessages: boolean;
  /** Whether a field is shown to the model, and so is no setting. */
  isData(field: string): boolean;
}

/**
 * The row's own numbers go before the run's, and so do the fields that the run takes of rows, and the tools that stand beside its
 * messages. A row without any gets the run's fields themselves.
 */
export function withOwnFields(
  run: BodyFields,
  row: Row,
  { settings, form, hasMessages, isData }: OwnFields,
): BodyFields {
  const { api, paramFields } = settings;
  const { names } = form;
  let fields = run;
  const set = (more: readonly [string, string][]): void => {
    fields = new Map([...fields, ...more]);
  };
  const own = (field: "temperature" | "max_tokens", name: string | null): void => {
    const value = name === null || isData(field) ? null : ownNumber(row, field);
    if (value !== null) set([[name!, value]]);
  };
  own("temperature", names.temperature);
  own("max_tokens", names.maxTokens);
  if (hasMessages && row.has("tools")) fields = withTools(fields, row, api);
  for (const field of paramFields) {
    const value = isOwnNumber(field, form) ? null : ownParam(row, field);
    if (value !== null) set(fieldsFor(api, field, value));
  }
  return fields;
}

/** Rows' own numbers are sent anyway, under the API's names for them. */
function isOwnNumber(field: string, { names }: BodyForm): boolean {
  return (
    (field === "temperature" && names.temperature !== null) ||
    (field === "max_tokens" && names.maxTokens !== null)
  );
}

/** An empty list, which providers refuse, is none. */
function withTools(fields: BodyFields, row: Row, api: Api): BodyFields {
  if (!isConversational(api)) return fields;
  const own = ownTools(row);
  if (own === null) return fields;
  const choice = ownToolChoice(row);
  const chosen = choice === null ? [] : choiceFor(api, choice.value, choice.json);
  return new Map([...fields, ["tools", toolsFor(api, own.tools, own.json)], ...chosen]);
}

/** The fields as they follow the first members of a body. */
export function fieldsText(fields: BodyFields): string {
  return [...fields].map(([name, value]) => `,${JSON.stringify(name)}:${value}`).join("");
}

function refuseWhatHasNoField(
  settings: RequestSettings,
  { names, schema, takesSystem, title }: BodyForm,
): void {
  const flags: [flag: string, isGiven: boolean, isTaken: boolean][] = [
    ["--system", settings.system !== null, takesSystem],
    ["--temperature", settings.temperature !== null, names.temperature !== null],
    ["--max-tokens", settings.maxTokens !== null, names.maxTokens !== null],
    ["--service-tier", settings.serviceTier !== null, names.serviceTier !== null],
    ["--json-schema", settings.jsonSchema !== null, schema !== null],
  ];
  const refused = flags.find(([, isGiven, isTaken]) => isGiven && !isTaken);
  if (!refused) return;
  throw new LlmBatchError({
    code: "OPTION_NOT_APPLICABLE",
    message: `${refused[0]}: ${title} has no such setting`,
    hint: `leave ${refused[0]} out, or choose another --api`,
  });
}

/** A field that --param has set to an object gets the schema as one more member. */
function addSchema(fields: Map<string, string>, text: string, form: BodyForm): void {
  const { field, member, json } = form.schema!(readSchema(text));
  const given = fields.get(field) ?? "{}";
  const value: unknown = JSON.parse(given);
  if (isObject(value) && Object.keys(value).every((name) => member !== null && name !== member)) {
    fields.set(field, member === null ? json : withMember(given, member, json));
    return;
  }
  throw badParam(`--param ${field} and --json-schema set the same thing`, "leave one of them out");
}
