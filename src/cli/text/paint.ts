import { styleText } from "node:util";
import type { GlobalOptions, OutputStream } from "../context.ts";

/** What a piece of text is, which decides its colour. */
export type Tone = "plain" | "strong" | "faint" | "good" | "bad" | "notable";

const STYLES = {
  strong: "bold",
  faint: "dim",
  good: "green",
  bad: "red",
  notable: "yellow",
} as const satisfies Record<Exclude<Tone, "plain">, string>;

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

export const unpainted: Paint = (_tone, text) => text;

/** Colours for a terminal that has them, unless the user wants none: `--no-color`, or `NO_COLOR`, as no-color.org has it. */
export function paintFor(
  stream: OutputStream,
  { color }: Pick<GlobalOptions, "color">,
  env: NodeJS.ProcessEnv,
): Paint {
  if (!color || env.NO_COLOR || env.TERM === "dumb" || !stream.isTTY) return unpainted;
  return (tone, text) =>
    tone === "plain" || text === "" ? text : styleText(STYLES[tone], text, { validateStream: false });
}
