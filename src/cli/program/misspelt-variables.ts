import { misspelt } from "../../config/option-source.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../text/printable.ts";

/** Says which variables of the environment look like a setting and are none. Others may have the prefix for uses of their own. */
export function tellOfMisspelt({ context, globals }: Invocation): void {
  if (globals.quiet) return;
  for (const { name, meant } of misspelt(context.env))
    context.stderr.write(`${printableLine(name)} is no setting and ignored, did you mean ${meant}?\n`);
}
