import type { CliContext, GlobalOptions, OutputStream } from "../context.ts";
import { paintFor } from "../text/paint.ts";
import type { Display } from "./display.ts";
import { ASCII, BLOCKS } from "./frame.ts";
import { PlainLines } from "./plain-lines.ts";

/**
 * A bar on a terminal that can move its cursor and isn't shown events as well, plain lines elsewhere, unless the user says
 * otherwise; null for nothing.
 */
export async function chooseDisplay(
  stream: OutputStream,
  { env, stdout }: Pick<CliContext, "env" | "stdout">,
  globals: GlobalOptions,
): Promise<Display | null> {
  const { progress, quiet, json } = globals;
  if (quiet || progress === "none") return null;
  const isShared = json && stdout.isTTY;
  if (progress === "plain" || !stream.isTTY || isShared || env.TERM === "dumb") return new PlainLines(stream);
  const { Bar } = await import("./bar.ts");
  return new Bar({ stream, paint: paintFor(stream, globals, env), glyphs: isUnicode(env) ? BLOCKS : ASCII });
}

function isUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || !/^(C|POSIX)$/.test(locale);
}
