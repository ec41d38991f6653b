import type { CliContext, GlobalOptions, OutputStream } from "../context.ts";
import { type Line, painted } from "./line.ts";
import { paintFor } from "./paint.ts";

/** Prints lines made for the width of the window: in colour on a terminal, plain elsewhere. */
export function printLines(
  stream: OutputStream,
  lines: readonly Line[],
  { env }: Pick<CliContext, "env">,
  globals: Pick<GlobalOptions, "color">,
): void {
  const paint = paintFor(stream, globals, env);
  stream.write(lines.map((line) => `${painted(line, paint)}\n`).join(""));
}

/** The columns of a terminal; null for anything else, where no line is broken. */
export function windowOf(stream: OutputStream): number | null {
  return stream.isTTY ? Math.max(stream.columns || 80, 20) : null;
}
