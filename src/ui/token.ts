import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 24;

/** A secret for the address of the page: nobody guesses it. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Takes equally long whatever differs. */
export function isToken(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
