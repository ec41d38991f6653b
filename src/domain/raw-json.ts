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
  eachMember(json, (nameStart, nameEnd, start, end) => {
    members.set(decodeName(json.slice(nameStart, nameEnd)), json.slice(start, end));
  });
  return members;
}

/**
 * The JSON text of one member, as in `memberTexts`, in a third of the time; undefined where there is none.
 *
 * @param json a valid JSON object, which is not checked again here
 */
export function memberText(json: string, name: string): string | undefined {
  let text: string | undefined;
  eachMember(json, (nameStart, nameEnd, start, end) => {
    if (isNamed(json, nameStart, nameEnd, name)) text = json.slice(start, end);
  });
  return text;
}

/** An escaped name is longer than what it stands for. */
function isNamed(json: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length) return json.startsWith(name, start) && !name.includes("\\");
  return end - start > name.length && decodeName(json.slice(start, end)) === name;
}

/**
 * The JSON object with another value for one of its members, and everything else exactly as it stands. A member that
 * isn't there yet comes first.
 *
 * @param value JSON text
 */
export function withMember(json: string, name: string, value: string): string {
  const members: Member[] = [];
  eachMember(json, (nameStart, nameEnd, start, end) => {
    members.push({ name: decodeName(json.slice(nameStart, nameEnd)), start, end });
  });
  const member = members.findLast(({ name: found }) => found === name);
  if (member) return json.slice(0, member.start) + value + json.slice(member.end);
  const start = json.indexOf("{") + 1;
  const comma = members.length > 0 ? "," : "";
  return `${json.slice(0, start)}${JSON.stringify(name)}:${value}${comma}${json.slice(start)}`;
}

/** A member of an object, and the place of its value. */
interface Member {
  name: string;
  start: number;
  end: number;
}

type VisitMember = (nameStart: number, nameEnd: number, start: number, end: number) => void;

/** Names are given as they stand, between their quotes. */
function eachMember(json: string, visit: VisitMember): void {
  let at = skipSpace(json, json.indexOf("{") + 1);
  while (json.charCodeAt(at) === QUOTE) {
    const nameEnd = endOfString(json, at);
    const start = skipSpace(json, json.indexOf(":", nameEnd) + 1);
    const end = endOfValue(json, start);
    visit(at + 1, nameEnd - 1, start, end);
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === COMMA) at = skipSpace(json, at + 1);
  }
}

/**
 * The elements of a JSON array as JSON text, exactly as they stand.
 *
 * @param json a valid JSON array, which is not checked again here
 */
export function elementTexts(json: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(json, json.indexOf("[") + 1);
  while (json.charCodeAt(at) !== CLOSING_BRACKET) {
    const end = endOfValue(json, at);
    elements.push(json.slice(at, end));
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === COMMA) at = skipSpace(json, at + 1);
  }
  return elements;
}

/**
 * The JSON text of the value that a path of names and indexes leads to.
 *
 * @param json valid JSON in which the path exists; neither is checked again here
 */
export function textAt(json: string, path: readonly (string | number)[]): string {
  let text = json;
  for (const step of path)
    text = typeof step === "number" ? elementTexts(text)[step]! : memberTexts(text).get(step)!;
  return text;
}

/** Valid JSON without the space between its tokens, so that it fits on one line; the tokens stay as they are. */
export function compactJson(json: string): string {
  // A list of numbers may be long, and a pattern is faster.
  if (!json.includes('"')) return json.replace(/[ \t\r\n]+/g, "");
  let compact = "";
  let start = skipSpace(json, 0);
  while (start < json.length) {
    const end = json.charCodeAt(start) === QUOTE ? endOfString(json, start) : endOfRun(json, start);
    compact += json.slice(start, end);
    start = skipSpace(json, end);
  }
  return compact;
}

/** The index of the first space or string after `start`, which stands in neither. */
function endOfRun(json: string, start: number): number {
  let at = start;
  while (at < json.length && json.charCodeAt(at) !== QUOTE && !isSpace(json.charCodeAt(at))) at++;
  return at;
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
