/**
 * PostgreSQL keeps no NUL in a text, and ids and replies may have one: it is written as two other characters, and the first of
 * those as two as well.
 */
const MARK = "\u001A";
const NUL = "\0";

export function toKept(text: string): string {
  if (!text.includes(NUL) && !text.includes(MARK)) return text;
  return text.replaceAll(MARK, `${MARK}1`).replaceAll(NUL, `${MARK}0`);
}

export function fromKept(text: string): string {
  if (!text.includes(MARK)) return text;
  return text.replaceAll(`${MARK}0`, NUL).replaceAll(`${MARK}1`, MARK);
}
