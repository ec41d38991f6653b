// The limit: only sends and reads. node undici.mjs URL ROWS SLOTS
import { Pool, request } from "undici";
import { loop, messagesOf, SLOTS, URL_GIVEN } from "./prompts.mjs";

const dispatcher = new Pool(URL_GIVEN, { connections: SLOTS, pipelining: 1 });
const headers = { "content-type": "application/json", authorization: "Bearer none" };

await loop(async (row) => {
  const body = JSON.stringify({ model: "bench-1", messages: messagesOf(row) });
  const reply = await request(`${URL_GIVEN}/v1/chat/completions`, {
    method: "POST",
    headers,
    body,
    dispatcher,
  });
  await reply.body.text();
});
await dispatcher.close();
