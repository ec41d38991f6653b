/** Anything but what stands in JSON as it is: quotes, backslashes, control characters, and halves of characters. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** What JSON.stringify makes of a text, for most texts in half the time. */
export function jsonString(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}
