// The Vercel AI SDK, from the folder that BENCH_PEERS names: node ai.mjs URL ROWS SLOTS
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { loop, promptOf, URL_GIVEN } from "./prompts.mjs";

const require = createRequire(`${process.env.BENCH_PEERS}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { generateText } = await load("ai");
const { createOpenAI } = await load("@ai-sdk/openai");
const model = createOpenAI({ baseURL: `${URL_GIVEN}/v1`, apiKey: "none" }).chat("bench-1");
const answers = [];

await loop(async (row) => {
  const { text } = await generateText({ model, prompt: promptOf(row), maxRetries: 0 });
  answers[row] = text;
});
