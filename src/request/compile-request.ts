import { withMember } from "../domain/raw-json.ts";
import type { Api, RequestSettings } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import type { Charge } from "../domain/usage.ts";
import { type BatchLine, readBatchLine } from "./batch-line.ts";
import { BODIES, bodyFor } from "./bodies/bodies.ts";
import { type BodyFields, fieldsText, runFields, withOwnFields } from "./body-fields.ts";
import { estimateInput, estimateText } from "./estimate.ts";
import { modelIn, ownModel } from "./overrides.ts";
import { parseRow } from "./parse-row.ts";
import { compilePrompt, type Prompt } from "./prompt.ts";
import { RowError } from "./row-error.ts";
import { compileForms } from "./row-forms.ts";

/** A request, ready to be sent. */
export interface BuiltRequest {
  /** The API it is made to. */
  api: Api;
  /** JSON text. What the row has as the API has it stands in it byte for byte. */
  body: string;
  /** A guess before anything was learned. */
  charge: Charge;
  /** The model the row itself names. */
  rowModel: string | null;
}

/**
 * Builds the request of a row. `model` goes before the row's own model, which goes before the run's.
 * @throws RowError where the row can't be sent.
 */
export type BuildRequest = (row: string | Row, model: string | null) => BuiltRequest;

/** What the APIs call the most tokens an answer may have. */
const OUTPUT_BOUNDS = ["max_completion_tokens", "max_output_tokens", "max_tokens"];
/** What they call the answers that are made at once of one prompt; the larger one counts. */
const ANSWERS = ["n", "best_of"];
/** No call makes more: a larger bound, which providers refuse, is taken for this. */
const MOST_TOKENS = 2 ** 31 - 1;

/**
 * Makes ready to build requests: the same code checks rows at import and builds them at sending, so a row that was
 * let in can be sent.
 * @throws LlmBatchError BAD_TEMPLATE, BAD_PARAM, BAD_SCHEMA, OPTION_NOT_APPLICABLE.
 */
export function compileRequest(settings: RequestSettings): BuildRequest {
  const formOf = compileForms(settings);
  const buildPrompt = compilePromptRequest(settings);
  return (rowOrText, model) => {
    const row = typeof rowOrText === "string" ? parseRow(rowOrText) : rowOrText;
    const form = formOf(row);
    if (form === null || form === "rows") return buildPrompt(row, model);
    return batchRequest(readBatchLine(row, form), model, settings.model);
  };
}

function compilePromptRequest(settings: RequestSettings): (row: Row, model: string | null) => BuiltRequest {
  const { api } = settings;
  const form = bodyFor(settings);
  const prompts = compilePrompt(settings);
  // A field that a template shows to the model is data, even if it is called "temperature".
  const isData = (field: string): boolean =>
    prompts.shown.has(field) && !settings.paramFields.includes(field);
  const ofRun = runFields(settings, form);
  const ofRunText = fieldsText(ofRun);
  const boundOf = (fields: BodyFields): number => outputBound(api, (name) => fields.get(name));
  const boundOfRun = boundOf(ofRun);
  const bodyOf = (modelJson: string, prompt: Prompt, text: string): string =>
    `{"model":${modelJson},${form.prompt(prompt)}${text}}`;
  const frameBytes = countFrames((modelJson, system, text) =>
    bodyOf(
      modelJson,
      { system, text: "", textBytes: 0, messages: null, content: undefined, bringsSystem: false },
      text,
    ),
  );
  const modelOfRun = settings.model === null ? null : JSON.stringify(settings.model);

  return (row, model) => {
    const rowModel = isData("model") ? null : ownModel(row);
    const named = model ?? rowModel;
    const modelJson = named === null ? (modelOfRun ?? noModel()) : JSON.stringify(named);
    const prompt = prompts.build(row);
    const fields = withOwnFields(ofRun, row, {
      settings,
      form,
      hasMessages: prompt.messages !== null,
      isData,
    });
    const text = fields === ofRun ? ofRunText : fieldsText(fields);
    const body = bodyOf(modelJson, prompt, text);
    const charge = {
      inputTokens:
        prompt.text === null
          ? estimateInput(body, prompt.content)
          : estimateText(frameBytes(modelJson, prompt.system, text) + prompt.textBytes),
      outputTokens: fields === ofRun ? boundOfRun : boundOf(fields),
    };
    return { api, body, charge, rowModel };
  };
}

/** A body but for the text of its prompt. */
type FrameOf = (modelJson: string, system: string | null, fields: string) => string;

/** Counts the bytes of a frame where it isn't that of the row before: to count a whole body, V8 would copy it first. */
function countFrames(frameOf: FrameOf): (...parts: Parameters<FrameOf>) => number {
  let last: Parameters<FrameOf> | null = null;
  let bytes = 0;
  return (modelJson, system, fields) => {
    if (last === null || last[0] !== modelJson || last[1] !== system || last[2] !== fields) {
      last = [modelJson, system, fields];
      bytes = Buffer.byteLength(frameOf(modelJson, system, fields));
    }
    return bytes;
  };
}

/** The line's body as it stands, with another model in it only where another is wanted. */
function batchRequest(line: BatchLine, model: string | null, runModel: string | null): BuiltRequest {
  const { api, fields } = line;
  const rowModel = modelIn(fields);
  const wanted = model ?? rowModel ?? runModel ?? (needsModel(line) ? noModel() : null);
  const body = wanted === rowModel ? line.body : withMember(line.body, "model", JSON.stringify(wanted));
  const charge = {
    inputTokens: estimateInput(body, fields),
    outputTokens: outputBound(api, (name) => fields[name]),
  };
  return { api, body, charge, rowModel };
}

/** A moderation has a model by itself, and a stored prompt may name one. */
function needsModel({ api, fields }: BatchLine): boolean {
  return api !== "moderations" && !(api === "responses" && fields.prompt);
}

function noModel(): never {
  throw new RowError("MISSING_MODEL", "neither the row nor the run names a model");
}

/** The most that all answers of a call may have together; 0 where nothing bounds them. `field` gives a value, or its JSON text. */
function outputBound(api: Api, field: (name: string) => unknown): number {
  if (BODIES[api].names.maxTokens === null) return 0;
  const bound = Number(OUTPUT_BOUNDS.map(field).find((value) => value !== undefined && value !== null));
  const most = bound * answersIn(field) * promptsIn(field("prompt"));
  return Number.isNaN(most) ? 0 : Math.ceil(Math.min(Math.max(most, 0), MOST_TOKENS));
}

function answersIn(field: (name: string) => unknown): number {
  let most = 1;
  for (const name of ANSWERS) {
    const answers = Number(field(name));
    if (answers > most) most = answers;
  }
  return most;
}

/** A completion may be asked for many prompts, each a text or a list of tokens. */
function promptsIn(prompt: unknown): number {
  return Array.isArray(prompt) && typeof prompt[0] !== "number" ? prompt.length : 1;
}
