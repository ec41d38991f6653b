const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * The members of a JSON object: name to the value's JSON text, exactly as it stands. Parsing and writing again
 * would round large numbers and reorder keys that look like numbers. Of a repeated name the last value counts,
 * as with `JSON.parse`.
 *
 * @param json a valid JSON object, which is not checked again here
 */
export function memberTexts(json: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(json, json.indexOf("{") + 1);
  while (json.charCodeAt(at) === QUOTE) {
    const nameEnd = endOfString(json, at);
    const start = skipSpace(json, json.indexOf(":", nameEnd) + 1);
    const end = endOfValue(json, start);
    members.set(decodeName(json.slice(at + 1, nameEnd - 1)), json.slice(start, end));
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === COMMA) at = skipSpace(json, at + 1);
  }
  return members;
}

function decodeName(escaped: string): string {
  return escaped.includes("\\") ? (JSON.parse(`"${escaped}"`) as string) : escaped;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json.charCodeAt(at))) at++;
  return at;
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}

/** The index after the value that starts at `start`. */
function endOfValue(json: string, start: number): number {
  const first = json.charCodeAt(start);
  if (first === QUOTE) return endOfString(json, start);
  if (first === OPENING_BRACE || first === OPENING_BRACKET) return endOfNested(json, start);
  let at = start;
  while (at < json.length && !endsScalar(json.charCodeAt(at))) at++;
  return at;
}

function endsScalar(char: number): boolean {
  return char === COMMA || char === CLOSING_BRACE || char === CLOSING_BRACKET || isSpace(char);
}

/** Counts brackets instead of descending, so that no depth overflows the stack. */
function endOfNested(json: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const char = json.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(json, at);
      continue;
    }
    if (char === OPENING_BRACE || char === OPENING_BRACKET) depth++;
    else if (char === CLOSING_BRACE || char === CLOSING_BRACKET) depth--;
    at++;
  } while (depth > 0);
  return at;
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
