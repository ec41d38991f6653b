import { LlmBatchError } from "../domain/errors.ts";
import type { Api, RequestSettings } from "../domain/request.ts";
import type { BodyForm } from "./bodies/body-form.ts";
import { fieldsFor } from "./conversation/tools.ts";
import { RowError } from "./row-error.ts";

/** Body fields that would change how an answer comes. */
const DELIVERY = ["stream", "background"];

/**
 * Checks what `--param` gives: JSON, for fields that have no other way to be set.
 * @throws LlmBatchError BAD_PARAM.
 */
export function checkParams(params: RequestSettings["params"], { promptFields }: BodyForm): void {
  for (const [name, text] of Object.entries(params)) {
    const way = otherWay(name, promptFields);
    if (way !== null) throw badParam(`--param can't set ${name}`, way);
    try {
      JSON.parse(text);
    } catch (cause) {
      throw badParam(
        `--param ${name} is not JSON: ${text}`,
        `write --param '${name}="text"' for a text`,
        cause,
      );
    }
  }
}

/**
 * Checks the names that `--param-fields` gives.
 * @throws LlmBatchError BAD_PARAM.
 */
export function checkParamFields(names: readonly string[], { promptFields }: BodyForm): void {
  for (const name of names) {
    const way = otherWay(name, promptFields);
    if (way !== null) throw badParam(`--param-fields can't send ${name}`, way);
  }
}

function otherWay(name: string, promptFields: readonly string[]): string | null {
  if (name === "model") return "use --model, or a model in the row";
  if (DELIVERY.includes(name)) return "leave it out: answers are always read whole";
  return promptFields.includes(name) ? "use --template, --system, or a prompt or messages in the row" : null;
}

/**
 * What a `--param` is in the body.
 * @throws LlmBatchError BAD_PARAM.
 */
export function paramMembers(name: string, text: string, api: Api): [name: string, json: string][] {
  try {
    return fieldsFor(api, name, text);
  } catch (cause) {
    if (!(cause instanceof RowError)) throw cause;
    throw badParam(`--param ${name}: ${cause.message}`, "leave it out, or write it as the API has it", cause);
  }
}

export function badParam(message: string, hint: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({ code: "BAD_PARAM", message, hint, cause });
}
