// A plain loop over the official SDK, keeping the answers in memory: node openai.mjs URL ROWS SLOTS
import OpenAI from "openai";
import { loop, messagesOf, URL_GIVEN } from "./prompts.mjs";

const client = new OpenAI({ baseURL: `${URL_GIVEN}/v1`, apiKey: "none", maxRetries: 0 });
const answers = [];

await loop(async (row) => {
  const reply = await client.chat.completions.create({ model: "bench-1", messages: messagesOf(row) });
  answers[row] = reply.choices[0].message.content;
});
