import { LlmBatchError } from "../domain/errors.ts";
import { isStructure, type Option } from "./option.ts";
import { OPTION_NAMES, type OptionSource } from "./option-source.ts";
import { RUN_OPTIONS, type RunOptionName, type RunOptions } from "./run-options.ts";
import { withoutOverruled } from "./where-rows-go.ts";

/**
 * Settles every option: the first source that has it, else its default.
 * @throws LlmBatchError BAD_OPTION naming the source, the value and what was expected.
 */
export function resolveOptions(sources: readonly OptionSource[]): RunOptions {
  const fitting = withoutOverruled(sources);
  const values = OPTION_NAMES.map((name) => [name, settle(name, fitting)]);
  return Object.freeze(Object.fromEntries(values)) as RunOptions;
}

function settle(name: RunOptionName, sources: readonly OptionSource[]): unknown {
  const option: Option<unknown> = RUN_OPTIONS[name];
  const source = sources.find(({ given }) => given[name] !== undefined);
  if (!source) return option.fallback;
  const value = source.given[name]!;
  const texts = typeof value === "string" ? [value] : value;
  try {
    return option.read(texts);
  } catch (error) {
    const got = isStructure(option) ? "" : `, got ${texts.map((text) => JSON.stringify(text)).join(", ")}`;
    throw new LlmBatchError({
      code: "BAD_OPTION",
      message: `${source.place(name)}: ${(error as Error).message}${got}`,
      hint: "see `llm-batch run --help`",
    });
  }
}
