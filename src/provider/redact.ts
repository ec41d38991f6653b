const HIDDEN = "[key]";
/** Shorter ones are stand-ins such as `none`, `ollama` or `lm-studio`, which an answer may well speak of. */
const SECRET_CHARS = 12;
/** What looks like a key, also half hidden by the provider itself: `sk-proj-****MxYA`. */
const LOOKS_LIKE_KEY =
  /\b(?:sk|gsk|xai|fw|tgp|csk|nvapi)[-_][\w*.-]{6,}|\bAIza[\w*-]{10,}|\b(Bearer|api[-_]?key["']?[:=])[ "']*[^\s"',}]{16,}/gi;

/** Takes a key out of text that will be stored or shown. */
export interface Redact {
  /** For an answer, which must stay as it is: the very key, if it is long enough to be one. */
  answer(text: string): string;
  /** For errors: the very key, and whatever looks like one. */
  error(text: string): string;
}

/** Null: no key is in use, so only what looks like one is taken out of errors. */
export function redact(key: string | null): Redact {
  const pattern = key ? keyPattern(key) : null;
  const hide = (text: string): string => (pattern ? text.replace(pattern, HIDDEN) : text);
  const secret = key !== null && key.length >= SECRET_CHARS;
  return {
    answer: (text) => (secret ? hide(text) : text),
    error: (text) =>
      hide(text).replace(LOOKS_LIKE_KEY, (_, name?: string) => (name ? `${name} ${HIDDEN}` : HIDDEN)),
  };
}

/** The key as it stands and as JSON may escape it, or it would come out of an answer when that is parsed. */
function keyPattern(key: string): RegExp {
  const characters = Array.from({ length: key.length }, (_, at) => {
    const code = key.charCodeAt(at).toString(16).padStart(4, "0");
    const anyCase = code.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
    const backslash = '"\\/'.includes(key[at]!) ? "\\\\?" : "";
    return `(?:${backslash}\\u${code}|\\\\u${anyCase})`;
  });
  return new RegExp(characters.join(""), "g");
}
