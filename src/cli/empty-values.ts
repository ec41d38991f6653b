import type { Command } from "commander";
import { LlmBatchError } from "../domain/errors.ts";

/** What may be emptied on purpose: the config file's own is left out by it. */
const MAY_BE_EMPTY: readonly string[] = ["--system"];

/**
 * A variable of the shell that isn't set is no value: `retry --id "$ID"` would put back every row.
 * @throws LlmBatchError BAD_OPTION
 */
export function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    const { long, required } = option;
    const values = [command.opts()[option.attributeName()]].flat();
    if (!required || !values.includes("") || MAY_BE_EMPTY.includes(long ?? "")) continue;
    throw new LlmBatchError({
      code: "BAD_OPTION",
      message: `${long}: expected a value, got an empty text`,
      hint: "give one, or leave the flag out; where it comes from a variable of the shell, see that it is set",
    });
  }
}
