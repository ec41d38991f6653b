import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Clock } from "../ports/clock.ts";
import { type Admitted, admit } from "./admission.ts";
import { Feed } from "./feed.ts";
import { GONE_PAGE, NOTHING_HERE } from "./gone.ts";
import type { LiveRun, RowQuery } from "./live-run.ts";
import type { LiveRuns } from "./live-runs.ts";
import { readWanted } from "./wanted.ts";

export interface RouteParts {
  runs: LiveRuns;
  /** The run of an address that names none. */
  first: string;
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

const HTML = { "content-type": "text/html; charset=utf-8" };

/** Answers the requests of pages. Each run has its own, and all that its page asks for is below its address. */
export function createRoutes({ runs, first, clock, token, port }: RouteParts): Routes {
  const feeds = new Map<string, Feed>();
  const feedOf = (live: LiveRun): Feed => {
    const feed = feeds.get(live.id) ?? new Feed(() => live.state(), clock);
    feeds.set(live.id, feed);
    return feed;
  };
  return {
    listener: (request, response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const admitted = admit(request, { port: port(), token });
      if (typeof admitted === "number")
        response.writeHead(admitted).end(admitted === 404 ? NOTHING_HERE : undefined);
      else
        answer({ runs, first, feedOf, request, response, ...admitted }).catch((error) =>
          fail(response, error),
        );
    },
    close: () => {
      for (const feed of feeds.values()) feed.close();
    },
  };
}

interface Exchange extends Admitted {
  runs: LiveRuns;
  first: string;
  feedOf: (live: LiveRun) => Feed;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer(exchange: Exchange): Promise<void> {
  const { runs, first, feedOf, request, response, path, query } = exchange;
  if (request.method === "GET" && path === "") {
    response.writeHead(303, { location: `${(await runs.known(first)) ?? first}/` }).end();
    return;
  }
  // The page of a run that was deleted can still be left for another.
  if (`${request.method} ${path}` === "GET runs")
    return json(response, await runs.list(query.get("shown") ?? ""));
  const [run = "", asked] = path.split(/\/(.*)/s);
  const live = await runs.find(run);
  if (live === null && asked === "") {
    response.writeHead(404, HTML).end(GONE_PAGE);
    return;
  }
  if (live === null) return json(response, { error: `there is no run ${run} in this database` }, 404);
  switch (`${request.method} ${asked}`) {
    case "GET ":
      response.writeHead(200, HTML).end(await live.page());
      return;
    case "GET events":
      return query.has("unseen") ? feedOf(live).glance(response) : feedOf(live).join(response);
    case "GET extremes":
      return json(response, await live.extremes());
    case "GET rows":
      return json(response, await live.rows(rowQuery(query)));
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

function rowQuery(query: URLSearchParams): RowQuery {
  const text = (name: string): string => query.get(name) ?? "";
  return { after: numberOf(query, "after"), state: text("state"), code: text("code"), text: text("text") };
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
