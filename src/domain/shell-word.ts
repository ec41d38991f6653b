/** A word of a command as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A command whose last argument may be any text: one that begins with a dash is no flag.
 * @param flags that come after it, with a space before each
 */
export function withArgument(command: string, argument: string, flags: string): string {
  const word = shellWord(argument);
  return argument.startsWith("-") ? `${command}${flags} -- ${word}` : `${command} ${word}${flags}`;
}
