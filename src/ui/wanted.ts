import type { IncomingMessage } from "node:http";
import { isObject } from "../domain/row.ts";
import type { Wanted } from "./live-run.ts";

const MOST_BYTES = 256 * 1024;
const MOST_ROWS = 10_000;

/** Reads which rows a request wants to be sent again; null for anything else. */
export async function readWanted(request: IncomingMessage): Promise<Wanted | null> {
  if (request.headers["content-type"] !== "application/json") return null;
  const text = await readText(request);
  const body = text === null ? null : parse(text);
  if (!isObject(body)) return null;
  const { rows, code } = body;
  if (typeof code === "string" && rows === undefined) return { code };
  if (!Array.isArray(rows) || rows.length > MOST_ROWS || !rows.every(Number.isSafeInteger)) return null;
  return { rows };
}

async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
