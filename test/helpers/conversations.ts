import type { Api, RequestSettings } from "../../src/domain/request.ts";
import { compileRequest } from "../../src/request/compile-request.ts";
import { RowError } from "../../src/request/row-error.ts";
import { requestSettings } from "./request-settings.ts";

export const build = (row: object | string, wanted: Partial<RequestSettings>) =>
  compileRequest(requestSettings(wanted))(typeof row === "string" ? row : JSON.stringify(row), null);

export const bodyOf = (row: object | string, api: Api) => JSON.parse(build(row, { api }).body);

export const messagesOf = (messages: object[], api: Api) => {
  const body = bodyOf({ messages }, api);
  return api === "responses" ? body.input : body.messages;
};

export const partOf = (part: object, api: Api) =>
  messagesOf([{ role: "user", content: [part] }], api)[0].content[0];

export function refusal(row: object, api: Api): string {
  try {
    build(row, { api });
  } catch (error) {
    if (error instanceof RowError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error("the row was let in");
}

export const user = (...content: object[]) => ({ role: "user", content });
export const image = (image_url: object | string) => ({ type: "image_url", image_url });
export const URL = "https://example.com/a.png";
export const ASKED = { role: "assistant", content: null, tool_calls: [call("{}")] };

export function call(args: string): object {
  return { id: "c1", type: "function", function: { name: "f", arguments: args } };
}
