import { seeded } from "../../../helpers/seeded.ts";

const LONGEST = 6_000;

/** Prompts of very different lengths, some of several database pages; always the same. */
export function promptsOfAllLengths(count: number): string[] {
  const random = seeded(1);
  return Array.from({ length: count }, (_, index) => {
    const length = Math.floor(LONGEST * random() ** 3);
    return `${index + 1} `.padEnd(length, String(index));
  });
}
