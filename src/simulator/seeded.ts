/** What a number is drawn for: two purposes never share their numbers. */
export const Purpose = {
  id: 1,
  latency: 2,
  outputTokens: 4,
  words: 6,
  faultMix: 7,
  faultMixKind: 8,
  vector: 9,
  schema: 10,
  /** The first rule's; the next ones follow. */
  faultRule: 100,
} as const;

/** A 32-bit hash of a text under a seed. */
export function hashText(seed: number, text: string): number {
  let hash = scramble(seed ^ 0x811c9dc5);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return scramble(hash);
}

/** A number in [0, 1) that depends on the prompt's hash, the number of its call and the purpose, and nothing else. */
export function draw(promptHash: number, call: number, purpose: number): number {
  return scramble(promptHash ^ scramble(Math.imul(call, 0x9e3779b1) + purpose)) / 0x1_0000_0000;
}

/** Spreads every bit of a 32-bit number over all others (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
