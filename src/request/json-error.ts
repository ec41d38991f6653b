const SPACE = /[ \t\r\n]*/y;
/** Letters, digits and signs that run together: `true`, `-1.5e3`, but also `NaN` or `01`. */
const WORD = /[\w.+-]*/y;
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may come next, as the tokens it may begin with; `w` is a literal: a number, true, false or null. */
const STARTS = {
  value: '{["w',
  firstItem: '{["w]',
  firstName: '"}',
  name: '"',
  colon: ":",
  nextMember: ",}",
  nextItem: ",]",
  end: "",
} as const;

type Expected = keyof typeof STARTS;

/**
 * The index of the first character that makes `text` invalid JSON; its length where it ends too early. The
 * engine's own messages name the place only sometimes, so this looks for it, and only when parsing has failed.
 */
export function findJsonError(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  let at = match(SPACE, text, 0);
  while (at < text.length) {
    const char = text[at]!;
    const token = '{}[],:"'.includes(char) ? char : "w";
    if (!STARTS[expected].includes(token)) return at;
    const end = endOfToken(text, at, token);
    if (!end.valid) return end.at;
    expected = following(token, expected, open);
    at = match(SPACE, text, end.at);
  }
  return at;
}

/** Where and how `text` is invalid JSON, for messages. */
export function jsonFault(text: string): { at: number; found: string } {
  const at = findJsonError(text);
  return {
    at,
    found: at < text.length ? `unexpected ${JSON.stringify(text[at])}` : "the text ends too early",
  };
}

/** Where a token ends, or the place that makes it invalid. */
interface TokenEnd {
  at: number;
  valid: boolean;
}

function endOfToken(text: string, start: number, token: string): TokenEnd {
  if (token === '"') return endOfString(text, start);
  if (token !== "w") return { at: start + 1, valid: true };
  const end = match(WORD, text, start);
  return LITERAL.test(text.slice(start, end)) ? { at: end, valid: true } : { at: start, valid: false };
}

/** A string must close before the text ends, hold no control characters, and know its escapes. */
function endOfString(text: string, start: number): TokenEnd {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) >= 0x20) {
    if (text[at] === '"') return { at: at + 1, valid: true };
    const end = text[at] === "\\" ? match(ESCAPE, text, at) : at + 1;
    if (end === at) break;
    at = end;
  }
  return { at, valid: false };
}

/** Keeps the open brackets and says what may follow a token. */
function following(token: string, expected: Expected, open: string[]): Expected {
  switch (token) {
    case "{":
      open.push(token);
      return "firstName";
    case "[":
      open.push(token);
      return "firstItem";
    case ":":
      return "value";
    case ",":
      return open.at(-1) === "{" ? "name" : "value";
    case "}":
    case "]":
      open.pop();
      return followingValue(open);
    default:
      return expected === "name" || expected === "firstName" ? "colon" : followingValue(open);
  }
}

function followingValue(open: readonly string[]): Expected {
  if (open.length === 0) return "end";
  return open.at(-1) === "{" ? "nextMember" : "nextItem";
}

/** The index after what a sticky pattern matches at `from`, or `from` itself. */
function match(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}
