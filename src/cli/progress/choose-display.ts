import type { CliContext, GlobalOptions, OutputStream } from "../context.ts";
import { paintFor } from "../text/paint.ts";
import type { Display, Forms } from "./display.ts";
import { ASCII, BLOCKS } from "./frame.ts";
import { PlainLines } from "./plain-lines.ts";

/**
 * A bar on a terminal that can move its cursor and isn't shown events as well, plain lines elsewhere, unless the user says
 * otherwise; null for nothing.
 */
export async function chooseDisplay<Shown>(
  stream: OutputStream,
  { env, stdout }: Pick<CliContext, "env" | "stdout">,
  globals: GlobalOptions,
  { frame, plainLine }: Forms<Shown>,
): Promise<Display<Shown> | null> {
  const { progress, quiet, json } = globals;
  if (quiet || progress === "none") return null;
  const isShared = json && stdout.isTTY;
  if (progress === "plain" || !stream.isTTY || isShared || env.TERM === "dumb")
    return new PlainLines(stream, plainLine);
  const { Bar } = await import("./bar.ts");
  const glyphs = isUnicode(env) ? BLOCKS : ASCII;
  return new Bar({ stream, paint: paintFor(stream, globals, env), glyphs, frame });
}

function isUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || !/^(C|POSIX)$/.test(locale);
}
