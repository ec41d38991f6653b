import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Clock } from "../ports/clock.ts";
import { type Admitted, admit } from "./admission.ts";
import { Feed } from "./feed.ts";
import type { LiveRun } from "./live-run.ts";
import { readWanted } from "./wanted.ts";

export interface RouteParts {
  live: LiveRun;
  clock: Clock;
  token: string;
  /** The port that is listened on. */
  port: () => number;
}

export interface Routes {
  listener: RequestListener;
  close(): void;
}

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Answers the page's requests. */
export function createRoutes({ live, clock, token, port }: RouteParts): Routes {
  const feed = new Feed(() => live.state(), clock);
  return {
    listener: (request, response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const admitted = admit(request, { port: port(), token });
      if (typeof admitted === "number") response.writeHead(admitted).end();
      else answer({ live, feed, request, response, ...admitted }).catch((error) => fail(response, error));
    },
    close: () => feed.close(),
  };
}

interface Exchange extends Admitted {
  live: LiveRun;
  feed: Feed;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer({ live, feed, request, response, path, query }: Exchange): Promise<void> {
  switch (`${request.method} ${path}`) {
    case "GET ":
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(await live.page());
      return;
    case "GET events":
      return feed.join(response);
    case "GET extremes":
      return json(response, await live.extremes());
    case "GET rows": {
      const text = (name: string): string => query.get(name) ?? "";
      const wanted = {
        after: numberOf(query, "after"),
        state: text("state"),
        code: text("code"),
        text: text("text"),
      };
      return json(response, await live.rows(wanted));
    }
    case "GET row": {
      const row = await live.row(numberOf(query, "number"));
      return row === null ? json(response, { error: "there is no such row" }, 404) : json(response, row);
    }
    case "POST retry": {
      const wanted = await readWanted(request);
      if (wanted === null) return json(response, { error: "expected rows or a code" }, 400);
      return json(response, { retried: await live.retry(wanted) });
    }
    default:
      response.writeHead(404).end();
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else json(response, { error: error instanceof Error ? error.message : String(error) }, 500);
}

function numberOf(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name));
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
