import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { serveUi } from "../helpers/ui.ts";

/** The status line that a request gets, written as it stands; empty where the connection ends without one. */
async function statusOf(port: number, request: string, host = `127.0.0.1:${port}`): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`${request} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const [status = ""] = (await text(socket)).split("\r\n");
  return status;
}

test("the live page is for who has its address, and no request ends it", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  await runHere(["run", "prompts.jsonl", "--provider", "sim"], { cwd });
  const { port, pathname } = new URL((await serveUi(cwd)).url);
  const ask = (request: string, host?: string) => statusOf(Number(port), request, host);
  for (const odd of ["GET //", "GET http://[", "GET //[/", "OPTIONS *", "GET /", `GET /${"x".repeat(32)}/`])
    expect(await ask(odd), odd).toMatch(/ 40[45] /);
  expect(await ask(`GET ${pathname}`, `evil.example:${port}`)).toContain(" 403 ");
  expect(await ask(`POST ${pathname}retry`)).toContain(" 403 ");
  expect(await ask(`GET ${pathname}`)).toContain(" 200 ");
});
