import { once } from "node:events";
import { createWriteStream } from "node:fs";

/** A line's prompt that the provider refuses with an HTTP error. */
export const REFUSED = "refuse this";

/** Every so many lines one is refused. */
const REFUSED_EVERY = 97;

const promptOf = (index: number): string =>
  index % REFUSED_EVERY === 5 ? REFUSED : `What is ${index} plus 2?`;

const text = (index: number) => ({ model: "m-1", input: promptOf(index) });

/** A body for each endpoint of OpenAI's batch files, as its documentation has them. */
const OPENAI: readonly [url: string, body: (index: number) => object][] = [
  [
    "/v1/chat/completions",
    (index) => ({
      model: "m-1",
      messages: [{ role: "user", content: promptOf(index) }],
      max_completion_tokens: 50,
    }),
  ],
  ["/v1/responses", text],
  ["/v1/embeddings", text],
  ["/v1/completions", (index) => ({ model: "m-1", prompt: promptOf(index), max_tokens: 50 })],
  ["/v1/moderations", text],
];

interface BatchLine {
  custom_id: string;
  url: string;
  body: object;
  /** As it stands in the file. */
  line: string;
}

export function openAiLine(index: number): BatchLine {
  const [url, body] = OPENAI[index % OPENAI.length]!;
  const line = { custom_id: `request-${index}`, method: "POST", url, body: body(index) };
  return { ...line, line: JSON.stringify(line) };
}

export function anthropicLine(index: number): BatchLine {
  const messages = [{ role: "user", content: promptOf(index) }];
  const line = { custom_id: `request-${index}`, params: { model: "m-1", max_tokens: 50, messages } };
  return { custom_id: line.custom_id, url: "/v1/messages", body: line.params, line: JSON.stringify(line) };
}

export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(`${line}\n`)) await once(file, "drain");
  file.end();
  await once(file, "close");
}

export type NewLine = typeof openAiLine;
