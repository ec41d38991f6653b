import type { IncomingMessage } from "node:http";
import { isToken } from "./token.ts";

/** What a request is let in by. */
interface Door {
  port: number;
  token: string;
}

/** A request that was let in: what it asks for, below the token. */
export interface Admitted {
  path: string;
  query: URLSearchParams;
}

/** The HTTP status of a refusal. A caller without the address is told no more than that. */
export type Refusal = 403 | 404 | 405;

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Lets requests in that have the token and name this machine as their host: a page of another site, whose name was made to lead
 * here, sends that name. What changes something must also come from our own page.
 */
export function admit(request: IncomingMessage, { port, token }: Door): Admitted | Refusal {
  const { host, origin } = request.headers;
  // As a browser names it: without the port where it is 80.
  if (!LOOPBACK.some((name) => host === new URL(`http://${name}:${port}`).host)) return 403;
  const address = `http://${host}${request.url}`;
  if (!URL.canParse(address)) return 404;
  const url = new URL(address);
  const [, given = "", path = null] = /^\/([^/]*)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  if (!isToken(given, token) || path === null) return 404;
  if (request.method === "POST" && !(origin === `http://${host}` && isSameOrigin(request))) return 403;
  if (request.method !== "GET" && request.method !== "POST") return 405;
  return { path, query: url.searchParams };
}

/** Browsers say where a request comes from; one that doesn't is told apart by its origin alone. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin";
}
