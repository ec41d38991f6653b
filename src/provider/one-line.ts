const LONGEST_CHARS = 1_000;
/** Cheap bound on what is looked at: a message may be a page of HTML. */
const READ_CHARS = 20_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** What a cut leaves of a character made of two. */
const HALF_PAIR = /[\ud800-\udbff]$/;

/** Text of others made fit for one line of a terminal: no control characters or escapes, at most 1,000 characters. */
export function oneLine(text: string): string {
  const line = text.slice(0, READ_CHARS).replace(ANSI, "").replace(UNSEEN, " ").replace(/ {2,}/g, " ").trim();
  return line.length <= LONGEST_CHARS ? line : `${line.slice(0, LONGEST_CHARS - 1).replace(HALF_PAIR, "")}…`;
}

/** The words of an HTML page, such as a proxy's error page, without its tags. */
export function wordsOf(page: string): string {
  return page
    .slice(0, READ_CHARS)
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ");
}
