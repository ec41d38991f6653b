/** What stands between two fields. */
export type Separator = "," | "\t";

/** What makes a field need quotes. */
const SPECIAL: Readonly<Record<Separator, RegExp>> = { ",": /[",\r\n]/, "\t": /["\t\r\n]/ };
/** What a spreadsheet takes for the start of a formula, in full width too. */
const FORMULA = /^[=+@\t\r\uFF1D\uFF0B\uFF0D\uFF20-]/;

/**
 * Makes a text a field of CSV, as RFC 4180 has it: in quotes where it needs them, and those in it doubled.
 * @param escapeFormulas puts `'` before what a spreadsheet would take for a formula
 */
export function cellWriter(separator: Separator, escapeFormulas: boolean): (text: string) => string {
  const special = SPECIAL[separator];
  const cell = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return escapeFormulas ? (text) => cell(FORMULA.test(text) ? `'${text}` : text) : cell;
}
