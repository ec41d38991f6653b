import { jsonString } from "../../domain/json-string.ts";
import type { EventBody } from "./event.ts";

type RowDone = Extract<EventBody, { type: "row_done" }>;

/** An event as JSON, its fields in the order they have there. */
export function eventText(body: EventBody): string {
  return body.type === "row_done" ? rowDoneText(body) : JSON.stringify(body);
}

/** Put together by hand: there is one for every row, and the whole at once takes `JSON.stringify` 2.5 times as long. */
function rowDoneText(row: RowDone): string {
  const { id, status, code, attempts, latency_ms, wait_ms, tokens, model, provider } = row;
  return (
    `{"type":"row_done","id":${quoted(id)},"status":"${status}","code":${quoted(code)}` +
    `,"attempts":${attempts},"latency_ms":${latency_ms},"wait_ms":${wait_ms},"tokens":${tokensText(tokens)}` +
    `,"model":${quoted(model)},"provider":${quoted(provider)}}`
  );
}

function quoted(text: string | null): string | null {
  return text === null ? null : jsonString(text);
}

function tokensText(tokens: RowDone["tokens"]): string {
  if (tokens === null) return "null";
  return `{"input":${tokens.input},"cached_input":${tokens.cached_input},"output":${tokens.output}}`;
}
