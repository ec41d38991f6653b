import { isObject } from "../domain/row.ts";

/** English text has about four bytes to the token; what it really is, is learned from the replies. */
const BYTES_PER_TOKEN = 4;
/**
 * What an image is taken to cost: Anthropic's `width * height / 750` for one as large as it reads without shrinking it
 * (https://platform.claude.com/docs/en/build-with-claude/vision). Files and sounds are taken to cost the same.
 */
const TOKENS_PER_ATTACHMENT = 1_600;

const ATTACHMENTS = new Set([
  "image_url",
  "input_image",
  "image",
  "input_audio",
  "file",
  "input_file",
  "document",
]);
/** Text without which a body has no attachment: looking for it is far cheaper than looking into every part. */
const SIGN = /"(?:image_url|input_image|image|input_audio|file|input_file|document)"/;
const DATA_URL = /^data:[^,]{0,200};base64,/;

/**
 * A request's input tokens, before anything was learned: its bytes, but for each image, file and sound an amount of its
 * own instead of the bytes it is written in.
 *
 * @param content the parsed part of the body that may hold some; undefined where it is text alone
 */
export function estimateInput(body: string, content: unknown): number {
  const bytes = Buffer.byteLength(body);
  if (content === undefined || !SIGN.test(body)) return estimateText(bytes);
  const attached = findAttachments(content);
  return estimateText(bytes - attached.bytes) + attached.count * TOKENS_PER_ATTACHMENT;
}

/** The input tokens of a body that is text alone, by its bytes. */
export function estimateText(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** Keeps a list of what is left to look into instead of descending, so that no depth overflows the stack. */
function findAttachments(content: unknown): { count: number; bytes: number } {
  const found = { count: 0, bytes: 0 };
  const left: unknown[] = [content];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && DATA_URL.test(value)) found.bytes += value.length;
    if (typeof value !== "object" || value === null) continue;
    if (isObject(value)) found.bytes += bareDataBytes(value);
    if (isObject(value) && ATTACHMENTS.has(String(value.type))) found.count++;
    for (const inner of Object.values(value)) left.push(inner);
  }
  return found;
}

/** Base64 that stands alone: Anthropic's sources name their type, OpenAI's sounds their format. */
function bareDataBytes({ type, format, data }: Record<string, unknown>): number {
  const isBare = typeof data === "string" && (type === "base64" || typeof format === "string");
  return isBare && !DATA_URL.test(data) ? data.length : 0;
}
