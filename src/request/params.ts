import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { BodyForm } from "./bodies/body-form.ts";

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

function otherWay(name: string, promptFields: readonly string[]): string | null {
  if (name === "model") return "use --model, or a model in the row";
  if (DELIVERY.includes(name)) return "leave it out: answers are always read whole";
  return promptFields.includes(name) ? "use --template, --system, or a prompt or messages in the row" : null;
}

export function badParam(message: string, hint: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({ code: "BAD_PARAM", message, hint, cause });
}
