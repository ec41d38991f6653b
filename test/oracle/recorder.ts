import type { IncomingHttpHeaders } from "node:http";
import { serve } from "../helpers/loopback.ts";

/** A request as it came in, with the headers that any client of the API must get right. */
interface Recorded {
  method: string | undefined;
  /** With its query. */
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
}

const HEADERS = ["authorization", "x-api-key", "api-key", "anthropic-version", "content-type", "accept"];

/** A server that writes down what it is asked, and answers every question with `reply`. */
export async function startRecorder(reply: unknown): Promise<{ url: string; recorded: Recorded[] }> {
  const recorded: Recorded[] = [];
  const { url } = await serve(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const headers = Object.fromEntries(HEADERS.map((name) => [name, request.headers[name]]));
    recorded.push({ method: request.method, path: request.url, headers, body: JSON.parse(text) });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
  });
  return { url, recorded };
}
