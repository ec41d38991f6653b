import type { Message } from "../messages.ts";
import type { ConversationApi, Item } from "./conversation.ts";
import { isForeignList } from "./foreign.ts";
import { readConversation } from "./read.ts";
import { writeChat } from "./write-chat.ts";
import { writeMessages } from "./write-messages.ts";
import { writeResponses } from "./write-responses.ts";

const WRITERS: Readonly<Record<ConversationApi, (items: readonly Item[]) => string>> = {
  chat: writeChat,
  messages: writeMessages,
  responses: writeResponses,
};

/**
 * The JSON text of a row's messages as an API has them. What is written so already stays as it is to the byte.
 * @throws RowError NO_EQUIVALENT for what the API has nothing like, BAD_FIELD_TYPE.
 */
export function messagesFor(api: ConversationApi, messages: readonly Message[], json: string): string {
  return isForeignList(messages, api) ? WRITERS[api](readConversation(messages, json, api)) : json;
}
