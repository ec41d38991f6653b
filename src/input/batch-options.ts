import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { InputForm } from "../domain/run.ts";

/** The settings that would change a request, and lines of a batch file are sent as they stand. */
const FLAGS: readonly [flag: string, isGiven: (settings: RequestSettings) => boolean][] = [
  ["--system", ({ system }) => system !== null],
  ["--temperature", ({ temperature }) => temperature !== null],
  ["--max-tokens", ({ maxTokens }) => maxTokens !== null],
  ["--param", ({ params }) => Object.keys(params).length > 0],
  ["--param-fields", ({ paramFields }) => paramFields.length > 0],
  ["--service-tier", ({ serviceTier }) => serviceTier !== null],
  ["--json-schema", ({ jsonSchema }) => jsonSchema !== null],
];

/**
 * Refuses options that a batch file leaves no room for.
 *
 * @param place file and line of its first batch line, for the message
 * @throws LlmBatchError OPTION_NOT_APPLICABLE.
 */
export function refuseBatchOptions(
  settings: RequestSettings,
  form: Exclude<InputForm, "rows">,
  place: string,
): void {
  const given = FLAGS.filter(([, isGiven]) => isGiven(settings)).map(([flag]) => flag);
  if (given.length === 0) return;
  const flags = given.join(", ");
  const [file, holder] = form === "openai-batch" ? ["OpenAI", "body"] : ["Anthropic", "params"];
  throw new LlmBatchError({
    code: "OPTION_NOT_APPLICABLE",
    message: `${place}: ${flags}: the file is an ${file} batch file, whose lines are sent as they stand`,
    hint: `leave ${flags} out and write it into each line's "${holder}"; or take lines as data with --template`,
  });
}
