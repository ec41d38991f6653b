import { type Stats, statSync } from "node:fs";
import { outputError } from "./output-error.ts";

/** What stands at a path; undefined where nothing does, or where it can't be looked at: who opens it is told why. */
export function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * What stands at the path of an output; undefined where nothing does.
 * @throws LlmBatchError OUTPUT_UNWRITABLE where it can't even be looked at
 */
export function lookAtOutput(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw outputError(path, error);
  }
}
