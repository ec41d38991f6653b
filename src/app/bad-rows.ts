import type { RunFigures } from "../domain/run.ts";
import { ROW_ERRORS } from "../input/row-errors.ts";

/** How many of the failed rows were bad when they were read, and are never sent. */
export function badRows(failures: RunFigures["failures"]): number {
  return failures
    .filter(({ code }) => Object.hasOwn(ROW_ERRORS, code))
    .reduce((sum, { count }) => sum + count, 0);
}
