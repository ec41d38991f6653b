import { UNFIT } from "./unfit.ts";

const ESCAPED = new RegExp(`['\\\\]|${UNFIT.source}`, UNFIT.flags);

/** A word of a command as a shell takes it: one line, that a terminal shows as it is. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return word.search(UNFIT) < 0
    ? `'${word.replaceAll("'", "'\\''")}'`
    : `$'${word.replace(ESCAPED, inEscapes)}'`;
}

/** As bash and zsh take it within `$'…'`. */
function inEscapes(char: string): string {
  const code = char.charCodeAt(0);
  const hex = code.toString(16);
  return code < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

/**
 * A command whose last argument may be any text: one that begins with a dash is no flag.
 * @param flags that come after it, with a space before each
 */
export function withArgument(command: string, argument: string, flags: string): string {
  const word = shellWord(argument);
  return argument.startsWith("-") ? `${command}${flags} -- ${word}` : `${command} ${word}${flags}`;
}
