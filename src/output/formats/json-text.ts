/** Whether a text is JSON as it stands. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON text on one line, otherwise byte for byte: a line break in JSON is always white space. */
export function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, " ");
}
