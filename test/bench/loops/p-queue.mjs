// The SDK behind a p-queue, all rows added at once as its users do: node p-queue.mjs URL ROWS SLOTS
import OpenAI from "openai";
import PQueue from "p-queue";
import { messagesOf, ROW_NUMBERS, SLOTS, URL_GIVEN } from "./prompts.mjs";

const client = new OpenAI({ baseURL: `${URL_GIVEN}/v1`, apiKey: "none", maxRetries: 0 });
const queue = new PQueue({ concurrency: SLOTS });

await queue.addAll(
  ROW_NUMBERS.map((row) => async () => {
    const reply = await client.chat.completions.create({ model: "bench-1", messages: messagesOf(row) });
    return reply.choices[0].message.content;
  }),
);
