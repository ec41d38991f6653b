import { LlmBatchError } from "../../domain/errors.ts";

/**
 * Reads the value of a flag, or of an argument, that belongs to one command alone.
 * @throws LlmBatchError BAD_OPTION
 */
export function choice<T>(command: string, flag: string, parse: (text: string) => T, value: unknown): T {
  try {
    return parse(String(value));
  } catch (error) {
    throw new LlmBatchError({
      code: "BAD_OPTION",
      message: `${flag}: ${(error as Error).message}, got ${JSON.stringify(value)}`,
      hint: `see \`llm-batch ${command} --help\``,
    });
  }
}
