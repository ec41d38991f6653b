import type { Command } from "commander";
import { LlmBatchError } from "../../domain/errors.ts";

/** Flags that may be empty: `--system ''` leaves out the system prompt of the config file. */
const MAY_BE_EMPTY: readonly string[] = ["--system"];

/**
 * Refuses flags with an empty value, as of a shell variable that isn't set: `retry --id "$ID"` would put back every row.
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
