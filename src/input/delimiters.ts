/** What separates fields in files that are called CSV, and what people call it. */
const NAMES: Readonly<Record<string, string>> = {
  ";": "semicolons",
  "\t": "tabs",
  ",": "commas",
  "|": "bars",
};

/** A separator that stands in a text and is not the one in use; null where there is none. */
export function otherDelimiter(text: string, inUse: string): string | null {
  return Object.keys(NAMES).find((char) => char !== inUse && text.includes(char)) ?? null;
}

/** What to do where a file turns out to have another separator. */
export function delimiterHint(delimiter: string): string {
  return `if ${NAMES[delimiter]} separate the fields, --delimiter ${delimiter === "\t" ? "tab" : `'${delimiter}'`}`;
}
