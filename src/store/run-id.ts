import type { Random } from "../ports/random.ts";

const ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH = 8;

/** `r_` and 8 letters or digits. */
export function newRunId(random: Random): string {
  const character = (): string => ID_CHARACTERS[Math.floor(random() * ID_CHARACTERS.length)]!;
  return `r_${Array.from({ length: ID_LENGTH }, character).join("")}`;
}
