import { type ConversationApi, noEquivalent, type Part, type Source } from "./conversation.ts";

/** Which APIs know a member that parts share: gateways of chat completions take Anthropic's too. */
const SHARED_BY: Readonly<Record<string, readonly ConversationApi[]>> = {
  cache_control: ["chat", "messages"],
  prompt_cache_breakpoint: ["chat", "responses"],
};

/**
 * A part as JSON text.
 * @param members of it, as JSON text without braces
 * @throws RowError NO_EQUIVALENT for a shared member that the API doesn't know.
 */
export function partJson(part: Part, api: ConversationApi, members: string): string {
  const shared = [...part.shared].map(([name, json]) => {
    if (SHARED_BY[name]!.includes(api)) return `,"${name}":${json}`;
    throw noEquivalent(`${part.place}.${name}`, api);
  });
  return `{${members}${shared.join("")}}`;
}

/** The text of a content that is one text and nothing more; null for any other. An empty content is an empty text. */
export function plainText(parts: readonly Part[]): string | null {
  const [part] = parts;
  if (part === undefined) return '""';
  return parts.length === 1 && part.kind === "text" && part.shared.size === 0 ? part.text : null;
}

/** A content as a string where it can be one, else as a list of parts. */
export function contentJson(parts: readonly Part[], write: (part: Part) => string): string {
  return plainText(parts) ?? `[${parts.map(write).join(",")}]`;
}

/** The url of an image or file, which may hold all of it; null where it has an id. */
export function urlOf(source: Source): string | null {
  if (source.kind === "id") return null;
  return source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.base64}`;
}

/** What a file is called that has no name: OpenAI takes none without. */
export const NAMELESS = "document.pdf";
