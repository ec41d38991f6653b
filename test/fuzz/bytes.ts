import fc from "fast-check";
import { anyCharacter } from "../helpers/any-character.ts";

/** What breaks files: bits of syntax, ends of lines, bytes that are not UTF-8. */
const FRAGMENTS: readonly (string | number[])[] = [
  '"',
  '""',
  ",",
  "\t",
  "\n",
  "\r\n",
  "\r",
  " ",
  "{",
  "}",
  "\\",
  "\\ud800",
  "\ufeff",
  "\u2028",
  "\u00a0",
  "\0",
  '"__proto__":',
  "12345678901234567890.10",
  [0xff],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f],
];

type Change = (bytes: Buffer) => Buffer;

/** A place in a file of any length. */
const place = fc.nat({ max: 1_000_000 });

function splice(bytes: Buffer, at: number, deleted: number, inserted: Buffer): Buffer {
  const start = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + deleted)]);
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.constantFrom(...FRAGMENTS)).map(([at, fragment]): Change => {
    return (bytes) => splice(bytes, at, 0, Buffer.from(fragment as string));
  }),
  fc.tuple(place, fc.nat({ max: 40 })).map(([at, length]): Change => {
    return (bytes) => splice(bytes, at, length, Buffer.alloc(0));
  }),
  fc.tuple(place, fc.nat({ max: 255 })).map(([at, byte]): Change => {
    return (bytes) => splice(bytes, at, 1, Buffer.from([byte]));
  }),
  fc.tuple(place, place, fc.nat({ max: 100 })).map(([from, to, length]): Change => {
    return (bytes) => {
      const start = from % (bytes.length + 1);
      return splice(bytes, to, 0, bytes.subarray(start, start + length));
    };
  }),
  place.map(
    (at): Change =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
);

/** A file with up to five things done to it. */
export function mutated(file: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(file, fc.array(change, { maxLength: 5 }))
    .map(([bytes, changes]) => changes.reduce((changed, apply) => apply(changed), bytes));
}

/** Bytes of no meaning at all, dense in the characters that have one. */
export const anyBytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FRAGMENTS).map((fragment) => Buffer.from(fragment as string)),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: anyCharacter, maxLength: 4 }).map((text) => Buffer.from(text)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

/** Where to cut a file into chunks; empty chunks included. */
export const cuts: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(place, { maxLength: 8 }),
  fc.integer({ min: 1, max: 7 }).map((size) => Array.from({ length: 400 }, (_, index) => index * size)),
);

/** A stream of the bytes, cut at the places. */
export async function* cutAt(bytes: Buffer, places: readonly number[]): AsyncGenerator<Buffer> {
  const ends = places.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}
