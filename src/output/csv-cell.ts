const SPECIAL = /[",\r\n]/;
/** What a spreadsheet takes for the start of a formula, in full width too. */
const FORMULA = /^[=+@\t\r\uFF1D\uFF0B\uFF0D\uFF20-]/;

/** A text as a field of CSV, as RFC 4180 has it: in quotes where it needs them, and those in it doubled. */
export function csvCell(text: string): string {
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As `csvCell`, with `'` before what a spreadsheet would take for a formula. */
export function safeCsvCell(text: string): string {
  return csvCell(FORMULA.test(text) ? `'${text}` : text);
}
