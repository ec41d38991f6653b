import type { RunOptions } from "../../config/run-options.ts";
import { sharingWarning } from "../../store/sqlite/file-system.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../text/printable.ts";

const NORMAL_DURABILITY =
  "--durability normal: a power cut may take the last results with it; their calls would be paid for again";

/** Says, before anything is sent, what is less safe than it could be in how a run's results are kept. */
export function tellOfStorage(
  { context, globals }: Invocation,
  { durability }: Pick<RunOptions, "durability">,
): void {
  if (globals.quiet) return;
  const notes = [
    durability === "normal" ? NORMAL_DURABILITY : null,
    globals.address === null ? sharingWarning(globals.db) : null,
  ];
  for (const note of notes) if (note !== null) context.stderr.write(`${printableLine(note)}\n`);
}
