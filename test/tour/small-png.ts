import { crc32, deflateSync } from "node:zlib";

/** Pixels as a canvas gives them: four bytes each, row by row. */
export interface Pixels {
  width: number;
  height: number;
  rgba: Buffer;
}

const MOST_COLORS = 256;
const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** A PNG with a palette: a tenth of what a browser makes of text on one ground. Shades that are next to each other become one. */
export function smallPng({ width, height, rgba }: Pixels): Buffer {
  const { palette, indices } = fewColors(rgba);
  const rows = Array.from({ length: height }, (_, row) =>
    // Each row says first how it is filtered: not at all.
    Buffer.concat([Buffer.of(0), indices.subarray(row * width, (row + 1) * width)]),
  );
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits a pixel, by palette.
  head.set([8, 3], 8);
  const body = deflateSync(Buffer.concat(rows), { level: 9 });
  const chunks = [chunk("IHDR", head), chunk("PLTE", palette), chunk("IDAT", body), chunk("IEND")];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

/** Each pixel as the number of its shade; of each shade the first colour that comes stands for all. */
function fewColors(rgba: Buffer): { palette: Buffer; indices: Buffer } {
  const numbers = new Map<number, number>();
  const colors: number[] = [];
  const indices = Buffer.alloc(rgba.length / 4);
  for (let at = 0; at < indices.length; at++) {
    const [red, green, blue] = [rgba[at * 4]!, rgba[at * 4 + 1]!, rgba[at * 4 + 2]!];
    const shade = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5);
    if (!numbers.has(shade)) {
      numbers.set(shade, numbers.size);
      colors.push(red, green, blue);
    }
    indices[at] = numbers.get(shade)!;
  }
  if (numbers.size > MOST_COLORS)
    throw new Error(`${numbers.size} shades are more than a palette has room for`);
  return { palette: Buffer.from(colors), indices };
}
