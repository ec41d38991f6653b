import { type Check, passed, warned } from "../domain/check.ts";
import type { Spool } from "./spool.ts";

/** Whether answers wait on this machine that belong into the job table. */
export function checkSpool(spool: Spool): Check {
  const [oldest, ...others] = spool.files();
  if (oldest === undefined) return passed("spool", "no answer waits here to be recorded");
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  return warned(
    "spool",
    `answers wait here to be recorded: ${oldest}${more}`,
    "`llm-batch resume` or `llm-batch work` records them",
  );
}
