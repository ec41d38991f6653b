const BYTES_PER_TOKEN = 4;

/** Tokens of a text: a quarter of its bytes in UTF-8, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** The beginning of a text that has at most so many tokens, never cut inside a character. */
export function cutToTokens(text: string, tokens: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(bytes.length, tokens * BYTES_PER_TOKEN);
  // Bytes of the form 10xxxxxx go on with a character that began before them.
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
