import type { Api } from "../../domain/request.ts";
import { RowError } from "../row-error.ts";

/** The APIs that take a conversation, each in a form of its own. */
export type ConversationApi = Extract<Api, "chat" | "messages" | "responses">;

/** A conversation in no API's form: what was said, in its order. */
export type Item = Turn | Call | Result;

export interface Turn {
  kind: "turn";
  /** Where it stands in the row, for messages. */
  place: string;
  role: string;
  parts: readonly Part[];
}

/** A call that the model asked for. */
export interface Call {
  kind: "call";
  place: string;
  id: string;
  name: string;
  /** JSON text, as the model wrote it. */
  arguments: string;
}

/** What came of a call. */
export interface Result {
  kind: "result";
  place: string;
  id: string;
  parts: readonly Part[];
  isError: boolean;
}

export type Part = {
  place: string;
  /** Members that some APIs share, to JSON text: they go along where the API knows them. */
  shared: ReadonlyMap<string, string>;
} & Content;

export type Content =
  | { kind: "text" /** JSON text. */; text: string }
  | { kind: "refusal" /** JSON text. */; text: string }
  | { kind: "image"; source: Source; detail: string | null }
  | { kind: "file"; source: Source; name: string | null };

/** Where the bytes of an image or file are. An id is one of OpenAI's files. */
export type Source =
  | { kind: "url"; url: string }
  | { kind: "data" /** Parameters may follow it. */; mediaType: string; base64: string }
  | { kind: "id"; id: string };

export function isConversational(api: Api): api is ConversationApi {
  return api === "chat" || api === "messages" || api === "responses";
}

const TITLES: Readonly<Record<ConversationApi, string>> = {
  chat: "a chat completion",
  messages: "a message of Anthropic's",
  responses: "a response of OpenAI's",
};

/** For what an API has nothing like: it is refused, as nothing of a row is left out without a word. */
export function noEquivalent(what: string, api: ConversationApi): RowError {
  return new RowError("NO_EQUIVALENT", `${what} has no equivalent in ${TITLES[api]}`);
}
