/** Splits a command line into words the way a shell does, as far as the README needs: spaces and quotes. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/['"]/g, ""));
}
